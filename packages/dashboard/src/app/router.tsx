import { LatchkeyError } from '@latchkey/sdk';
import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { meQuery } from '../data/queries.ts';
import {
  auditSearch,
  createSearch,
  keysSearch,
  parseSearch,
  revokeSearch,
  rotateSearch,
  signInSearch,
  stringifySearch,
} from '../data/search-parameters.ts';
import { LoadFailed, NotFound } from './messages.tsx';

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({ component: Outlet });
const below = { getParentRoute: () => root } as const;

const signIn = lazyRouteComponent(() => import('../features/sign-in/sign-in-page.tsx'), 'SignInPage');
/** The provider returns to the last two paths: the page that they answer with says why a sign-in failed. */
const signInRoutes = [
  createRoute({ ...below, path: '/sign-in', component: signIn, validateSearch: signInSearch }),
  createRoute({ ...below, path: '/sign-in/provider', component: signIn }),
  createRoute({ ...below, path: '/sign-in/provider/return', component: signIn }),
];

const acceptRoute = createRoute({
  ...below,
  path: '/invitations/accept',
  component: lazyRouteComponent(() => import('../features/sign-in/accept-page.tsx'), 'AcceptPage'),
});

/** Every other screen needs a session, and is shown in the shell. */
const shell = createRoute({
  ...below,
  id: 'shell',
  component: lazyRouteComponent(() => import('../shell/shell.tsx'), 'Shell'),
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queryClient.ensureQueryData(meQuery);
    } catch (error) {
      if (error instanceof LatchkeyError && error.status === 401)
        throw redirect({ to: '/sign-in', search: { from: location.href } });
      throw error;
    }
  },
});
const inShell = { getParentRoute: () => shell } as const;

const home = createRoute({
  ...inShell,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/keys' });
  },
});

const keys = createRoute({
  ...inShell,
  path: '/keys',
  validateSearch: keysSearch,
  component: lazyRouteComponent(() => import('../features/keys/keys-page.tsx'), 'KeysPage'),
});

const createKey = createRoute({
  getParentRoute: () => keys,
  path: '/new',
  validateSearch: createSearch,
  component: lazyRouteComponent(() => import('../features/create-key/create-dialog.tsx'), 'CreateDialog'),
});

const findKey = createRoute({
  getParentRoute: () => keys,
  path: '/find',
  component: lazyRouteComponent(() => import('../features/find-key/find-dialog.tsx'), 'FindDialog'),
});

const key = createRoute({
  ...inShell,
  path: '/keys/$keyId',
  component: lazyRouteComponent(() => import('../features/key/key-page.tsx'), 'KeyPage'),
});

const rotateKey = createRoute({
  getParentRoute: () => key,
  path: '/rotate',
  validateSearch: rotateSearch,
  component: lazyRouteComponent(() => import('../features/key/rotate-dialog.tsx'), 'RotateDialog'),
});

const revokeKey = createRoute({
  getParentRoute: () => key,
  path: '/revoke',
  validateSearch: revokeSearch,
  component: lazyRouteComponent(() => import('../features/key/revoke-dialog.tsx'), 'RevokeDialog'),
});

const members = createRoute({
  ...inShell,
  path: '/members',
  component: lazyRouteComponent(() => import('../features/members/members-page.tsx'), 'MembersPage'),
});

const invitations = createRoute({
  ...inShell,
  path: '/members/invitations',
  component: lazyRouteComponent(() => import('../features/members/invitations-page.tsx'), 'InvitationsPage'),
});

const invite = createRoute({
  getParentRoute: () => invitations,
  path: '/new',
  component: lazyRouteComponent(() => import('../features/members/invite-dialog.tsx'), 'InviteDialog'),
});

const roles = createRoute({
  ...inShell,
  path: '/roles',
  component: lazyRouteComponent(() => import('../features/roles/roles-page.tsx'), 'RolesPage'),
});

const role = createRoute({
  ...inShell,
  path: '/roles/$roleId',
  component: lazyRouteComponent(() => import('../features/roles/role-page.tsx'), 'RolePage'),
});

const audit = createRoute({
  ...inShell,
  path: '/audit',
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import('../features/audit/audit-page.tsx'), 'AuditPage'),
});

const sessions = createRoute({
  ...inShell,
  path: '/account/sessions',
  component: lazyRouteComponent(() => import('../features/sessions/sessions-page.tsx'), 'SessionsPage'),
});

const usage = createRoute({
  ...inShell,
  path: '/usage',
  component: lazyRouteComponent(() => import('../features/usage/usage-page.tsx'), 'UsagePage'),
});

const system = createRoute({
  ...inShell,
  path: '/system',
  component: lazyRouteComponent(() => import('../features/system/system-page.tsx'), 'SystemPage'),
});

const settings = createRoute({
  ...inShell,
  path: '/settings',
  component: lazyRouteComponent(() => import('../features/settings/settings-page.tsx'), 'SettingsPage'),
});

/** Every other path, in the shell, so that a person can go on from it. */
const noSuchPage = createRoute({ ...inShell, path: '$', component: NotFound });

const routeTree = root.addChildren([
  ...signInRoutes,
  acceptRoute,
  shell.addChildren([
    home,
    keys.addChildren([createKey, findKey]),
    key.addChildren([rotateKey, revokeKey]),
    members,
    invitations.addChildren([invite]),
    roles,
    role,
    audit,
    sessions,
    usage,
    system,
    settings,
    noSuchPage,
  ]),
]);

export function createAppRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    parseSearch,
    stringifySearch,
    defaultPendingMs: 150,
    defaultErrorComponent: LoadFailed,
  });
}
