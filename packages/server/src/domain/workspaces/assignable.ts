import type { ErrorDetail, Permission } from '@latchkey/contract';
import { AppError } from '../shared/app-error.ts';
import type { Caller } from '../shared/caller.ts';
import type { Member } from './member.ts';
import type { MemberStore } from './member-store.ts';
import type { Role } from './role.ts';

/** Who gives a role to somebody: what they hold, and whether they are an owner. */
export interface Granter {
  readonly permissions: ReadonlySet<Permission>;
  readonly isOwner: boolean;
}

/** The caller as granter. A key holds its own set, and is an owner's where its owner is one now. */
export async function granterOf(members: MemberStore, caller: Caller): Promise<Granter> {
  const member = await members.find(caller.workspaceId, caller.userId);
  const isOwner = member?.status === 'active' && member.isOwner;
  return { permissions: caller.permissions, isOwner };
}

/**
 * What keeps a granter from giving somebody this role; empty where nothing does. Nobody grants what they do not hold,
 * and only owners make owners. Every path on which a person comes to a role goes through here.
 */
export function obstacles(granter: Granter, role: Pick<Role, 'permissions' | 'systemName'>): ErrorDetail[] {
  const above = role.permissions.filter((permission) => !granter.permissions.has(permission));
  const details = above.map((permission) => ({ field: 'permissions', message: `${permission} is not held` }));
  if (role.systemName === 'Owner' && !granter.isOwner)
    details.push({ field: 'roleId', message: 'only an owner can make somebody an owner' });
  return details;
}

/** Throws PERMISSION_ESCALATION, naming what is in the way, unless the granter may give the role. */
export function requireAssignable(granter: Granter, role: Pick<Role, 'permissions' | 'systemName'>): void {
  const details = obstacles(granter, role);
  if (details.length > 0) throw new AppError('PERMISSION_ESCALATION', { details });
}

/** Throws PERMISSION_DENIED where somebody who is no owner acts on an owner. */
export function requireMayActOn(granter: Granter, member: Member): void {
  if (member.isOwner && !granter.isOwner)
    throw new AppError('PERMISSION_DENIED', { message: 'Only an owner can change or remove an owner' });
}
