import { PERMISSIONS, type Permission } from './permissions.ts';

/** The names of the roles that every workspace has, the strongest first. Nobody can change or delete these. */
export const SYSTEM_ROLE_NAMES = ['Owner', 'Admin', 'Member', 'Viewer'] as const;

export type SystemRoleName = (typeof SYSTEM_ROLE_NAMES)[number];

/** The role that a dialogue offers first. */
export const DEFAULT_ROLE_NAME: SystemRoleName = 'Member';

export interface SystemRole {
  readonly description: string;
  /** In catalogue order. */
  readonly permissions: readonly Permission[];
}

const OWNERS_ONLY: readonly Permission[] = ['billing:manage', 'workspace:delete'];

/** What an Admin can do about other people and the workspace, and a Member cannot. */
const ADMINS_ONLY: readonly Permission[] = [
  'api-keys:manage-others',
  'members:invite',
  'members:remove',
  'members:role-change',
  'members:mfa-reset',
  'roles:write',
  'roles:delete',
  'workspace:settings-write',
];

const without = (...sets: (readonly Permission[])[]): Permission[] =>
  PERMISSIONS.filter((permission) => !sets.flat().includes(permission));

/** What each system role may do. */
export const SYSTEM_ROLES: Readonly<Record<SystemRoleName, SystemRole>> = {
  Owner: { description: 'Everything. Only owners can make somebody an owner.', permissions: PERMISSIONS },
  Admin: {
    description: 'Everything but billing and deleting the workspace.',
    permissions: without(OWNERS_ONLY),
  },
  Member: {
    description: 'The product itself, and their own keys.',
    permissions: without(OWNERS_ONLY, ADMINS_ONLY),
  },
  Viewer: {
    description: 'Looks at everything and changes nothing.',
    permissions: PERMISSIONS.filter((permission) => /[:-]read$/.test(permission)),
  },
};
