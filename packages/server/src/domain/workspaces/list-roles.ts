import { type Caller, requirePermission } from '../shared/caller.ts';
import { granterOf, obstacles } from './assignable.ts';
import type { MemberStore } from './member-store.ts';
import type { CountedRole } from './role.ts';
import type { RoleStore } from './role-store.ts';

/** A role as one caller sees it. */
export interface ListedRole extends CountedRole {
  /** May this caller give it to somebody? */
  readonly isAssignable: boolean;
}

export async function listRoles(
  { roles, members }: { readonly roles: RoleStore; readonly members: MemberStore },
  caller: Caller,
): Promise<ListedRole[]> {
  requirePermission(caller, 'roles:read');
  const granter = await granterOf(members, caller);
  const all = await roles.list(caller.workspaceId);
  return all.map((role) => ({ ...role, isAssignable: obstacles(granter, role).length === 0 }));
}
