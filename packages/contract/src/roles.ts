import { PERMISSIONS, type Permission } from './permissions.ts';

/** The names of the roles that every workspace has. */
export const BUILT_IN_ROLE_NAMES = ['Owner'] as const;

export type BuiltInRoleName = (typeof BUILT_IN_ROLE_NAMES)[number];

/** What each built-in role may do, in catalogue order. */
export const BUILT_IN_ROLES: Readonly<Record<BuiltInRoleName, readonly Permission[]>> = {
  Owner: PERMISSIONS,
};
