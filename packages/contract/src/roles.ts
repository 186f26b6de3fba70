import type { BuiltInPermission, Permission } from './permissions.ts';

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

const OWNERS_ONLY: readonly BuiltInPermission[] = ['billing:manage', 'workspace:delete'];

/** What an Admin can do about other people and the workspace, and a Member cannot. */
const ADMINS_ONLY: readonly BuiltInPermission[] = [
  'api-keys:manage-others',
  'members:invite',
  'members:remove',
  'members:role-change',
  'members:mfa-reset',
  'roles:write',
  'roles:delete',
  'workspace:settings-write',
];

/** What each system role may do with the permissions of a catalogue, which are given in its order. */
export function systemRolesOf(all: readonly Permission[]): Readonly<Record<SystemRoleName, SystemRole>> {
  return {
    Owner: { description: 'Everything. Only owners can make somebody an owner.', permissions: all },
    Admin: {
      description: 'Everything but billing and deleting the workspace.',
      permissions: without(all, OWNERS_ONLY),
    },
    Member: {
      description: 'The product itself, and their own keys.',
      permissions: without(all, [...OWNERS_ONLY, ...ADMINS_ONLY]),
    },
    Viewer: {
      description: 'Looks at everything and changes nothing.',
      permissions: all.filter((permission) => /[:-]read$/.test(permission)),
    },
  };
}

function without(all: readonly Permission[], left: readonly Permission[]): Permission[] {
  return all.filter((permission) => !left.includes(permission));
}
