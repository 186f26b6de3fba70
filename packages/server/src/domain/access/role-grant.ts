import type { ErrorDetail, Permission } from '@latchkey/contract';
import { AppError } from '../shared/app-error.ts';
import type { Caller } from '../shared/caller.ts';
import type { Member, MemberStore } from '../tenancy/member.ts';
import type { Role } from '../tenancy/role.ts';

/** A caller who gives a role to a member: their permissions, and whether they are an owner. */
export interface Grantor {
  readonly permissions: ReadonlySet<Permission>;
  readonly isOwner: boolean;
}

/** The caller as granter. A key has its own permissions, and counts as an owner if its owner is one now. */
export async function grantorOf(members: MemberStore, caller: Caller): Promise<Grantor> {
  const member = await members.find(caller.workspaceId, caller.userId);
  const isOwner = member?.status === 'active' && member.isOwner;
  return { permissions: caller.permissions, isOwner };
}

/**
 * The reasons why a granter may not give this role; empty if they may. A granter must hold every permission of the role,
 * and only an owner can make an owner. Every verb that gives a role calls this.
 */
export function grantViolations(
  granter: Grantor,
  role: Pick<Role, 'permissions' | 'systemName'>,
): ErrorDetail[] {
  const above = role.permissions.filter((permission) => !granter.permissions.has(permission));
  const details = above.map((permission) => ({ field: 'permissions', message: `${permission} is not held` }));
  if (role.systemName === 'Owner' && !granter.isOwner)
    details.push({ field: 'roleId', message: 'only an owner can make a member an owner' });
  return details;
}

/** Throws PERMISSION_ESCALATION, with the reasons as details, unless the granter may give the role. */
export function requireRoleGrant(granter: Grantor, role: Pick<Role, 'permissions' | 'systemName'>): void {
  const details = grantViolations(granter, role);
  if (details.length > 0) throw new AppError('PERMISSION_ESCALATION', { details });
}

/** Throws PERMISSION_DENIED if the member is an owner and the granter is not. */
export function requireMayActOn(granter: Grantor, member: Member): void {
  if (member.isOwner && !granter.isOwner)
    throw new AppError('PERMISSION_DENIED', { message: 'Only an owner can change or remove an owner' });
}
