import type { MemberStatus } from '@latchkey/contract';
import { type Caller, requirePermission } from '../shared/caller.ts';
import { type Granter, granterOf, requireAssignable, requireMayActOn } from './assignable.ts';
import { requireOtherOwner } from './last-owner.ts';
import type { Member } from './member.ts';
import type { ExceedingKey } from './owned-keys.ts';
import type { Role } from './role.ts';
import { settleExceeding } from './settle-exceeding.ts';
import { visibleMember } from './visible-member.ts';
import { visibleRole } from './visible-role.ts';
import type { WorkspaceNeeds } from './workspace-needs.ts';

/** Left out: unchanged. */
export interface MemberChanges {
  readonly roleId?: string | undefined;
  readonly status?: MemberStatus | undefined;
  /** Revoke the member's keys that exceed the role afterwards. */
  readonly revokeExceeding?: boolean | undefined;
}

export interface UpdatedMember {
  readonly member: Member;
  /** The member's keys that now hold more than the role gives. */
  readonly exceedingKeys: readonly ExceedingKey[];
}

/**
 * Gives a member another role, suspends them or brings them back; the latter two also take `members:remove`. The role
 * must be one that the caller may give, also where a suspended member comes back with the one they had:
 * PERMISSION_ESCALATION. PERMISSION_DENIED for whoever acts on an owner without being one. LAST_OWNER; NOT_FOUND.
 */
export async function updateMember(
  { unitOfWork, clock }: WorkspaceNeeds,
  caller: Caller,
  userId: string,
  changes: MemberChanges,
): Promise<UpdatedMember> {
  requirePermission(caller, 'members:role-change');
  if (changes.status !== undefined) requirePermission(caller, 'members:remove');
  return unitOfWork.transact(async ({ members, roles, ownedKeys }) => {
    const now = clock.now();
    const before = await visibleMember(members, caller, userId);
    const role = await visibleRole(roles, caller, changes.roleId ?? before.roleId);
    const { status = before.status } = changes;
    requireMayChange(await granterOf(members, caller), before, role, status);
    if (role.systemName !== 'Owner' || status !== 'active') await requireOtherOwner(members, before);
    const { workspaceId, createdAt } = before;
    await members.update({ workspaceId, userId, roleId: role.id, status, createdAt, updatedAt: now });
    const owners = { workspaceId, userId };
    const exceedingKeys = await settleExceeding(ownedKeys, owners, changes.revokeExceeding, now);
    return { member: await visibleMember(members, caller, userId), exceedingKeys };
  });
}

function requireMayChange(granter: Granter, before: Member, role: Role, status: MemberStatus): void {
  requireMayActOn(granter, before);
  const isGrant = role.id !== before.roleId || (status === 'active' && before.status !== 'active');
  if (isGrant) requireAssignable(granter, role);
}
