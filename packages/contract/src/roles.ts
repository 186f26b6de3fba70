import type { BuiltInPermission, Permission } from './permissions.ts';

/** The names of the roles that every workspace has, most permissions first. They cannot be changed or deleted. */
export const SYSTEM_ROLE_NAMES = ['Owner', 'Admin', 'Member', 'Viewer'] as const;

export type SystemRoleName = (typeof SYSTEM_ROLE_NAMES)[number];

/** The role that is preselected in dialogs. */
export const DEFAULT_ROLE_NAME: SystemRoleName = 'Member';

export interface SystemRole {
  readonly description: string;
  /** In catalogue order. */
  readonly permissions: readonly Permission[];
}

const OWNERS_ONLY: readonly BuiltInPermission[] = ['billing:manage', 'workspace:delete'];

/** Permissions over other members and the workspace, which an Admin has and a Member does not. */
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

/** The system roles for a catalogue with these permissions, which must be in catalogue order. */
export function systemRolesOf(all: readonly Permission[]): Readonly<Record<SystemRoleName, SystemRole>> {
  return {
    Owner: {
      description: 'All permissions. Only an owner can make another member an owner.',
      permissions: all,
    },
    Admin: {
      description: 'All permissions except managing billing and deleting the workspace.',
      permissions: without(all, OWNERS_ONLY),
    },
    Member: {
      description: 'Use of the product, and their own keys.',
      permissions: without(all, [...OWNERS_ONLY, ...ADMINS_ONLY]),
    },
    Viewer: {
      description: 'Read access to everything; no changes.',
      permissions: all.filter((permission) => /[:-]read$/.test(permission)),
    },
  };
}

function without(all: readonly Permission[], left: readonly Permission[]): Permission[] {
  return all.filter((permission) => !left.includes(permission));
}
