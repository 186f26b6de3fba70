import { AppError } from '../shared/app-error.ts';
import type { Caller } from '../shared/caller.ts';
import type { CountedRole } from '../tenancy/role.ts';
import type { RoleStore } from './role-store.ts';

/** The role of the caller's workspace. NOT_FOUND on a miss. */
export async function visibleRole(roles: RoleStore, caller: Caller, roleId: string): Promise<CountedRole> {
  const role = await roles.find(caller.workspaceId, roleId);
  if (!role) throw new AppError('NOT_FOUND', { message: `No role ${roleId}` });
  return role;
}

/** `visibleRole` for changes: CONFLICT for a system role. */
export async function changeableRole(roles: RoleStore, caller: Caller, roleId: string): Promise<CountedRole> {
  const role = await visibleRole(roles, caller, roleId);
  if (role.systemName !== null)
    throw new AppError('CONFLICT', { message: `${role.name} is a system role, which cannot be changed` });
  return role;
}
