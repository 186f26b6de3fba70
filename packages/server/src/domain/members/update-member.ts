import type { AuditEventType, BuiltInPermission, MemberStatus } from '@latchkey/contract';
import { changeAuthorized } from '../access/authorized-change.ts';
import { type KeyEndingNeeds, keepManagingKey } from '../access/managing-keys.ts';
import { revokeExceedingKeys } from '../access/revocations.ts';
import { type Grantor, grantorOf, requireMayActOn, requireRoleGrant } from '../access/role-grant.ts';
import type { AuditStore } from '../audit/audit-store.ts';
import { recordChange } from '../audit/record-change.ts';
import type { Caller } from '../shared/caller.ts';
import type { Credential } from '../tenancy/descent.ts';
import { type Member, memberFacts, visibleMember } from '../tenancy/member.ts';
import type { ExceedingKey } from '../tenancy/member-credentials.ts';
import { type Role, visibleRole } from '../tenancy/role.ts';
import { requireOtherOwner } from './remove-member.ts';

/** Left out: unchanged. */
export interface MemberChanges {
  readonly roleId?: string | undefined;
  readonly status?: MemberStatus | undefined;
  /** Revoke the member's keys that exceed the role afterwards. */
  readonly revokeExceeding?: boolean | undefined;
  /** Do it although no other active key could make keys and no account can sign in. */
  readonly force?: boolean | undefined;
}

export interface UpdatedMember {
  readonly member: Member;
  /** The member's keys that now hold permissions that the role does not give. */
  readonly exceedingKeys: readonly ExceedingKey[];
  /** The keys that were revoked, and the sessions and sign-in links that ended. */
  readonly ended: readonly Credential[];
}

/**
 * Gives a member another role, suspends them, which ends their sessions, or reactivates them. The latter two also need
 * `members:remove`. The caller must be able to give the role, also if a suspended member is reactivated with the role that
 * they had: PERMISSION_ESCALATION. PERMISSION_DENIED if the member is an owner and the caller is not. LAST_OWNER;
 * LAST_MANAGING_KEY; NOT_FOUND.
 */
export async function updateMember(
  needs: KeyEndingNeeds,
  caller: Caller,
  userId: string,
  changes: MemberChanges,
): Promise<UpdatedMember> {
  return changeAuthorized(needs, caller, permissionsFor(changes), async (stores, caller, now) => {
    const { members, roles, ownedSessions, audit } = stores;
    const before = await visibleMember(members, caller, userId);
    const role = await visibleRole(roles, caller, changes.roleId ?? before.roleId);
    const { status = before.status } = changes;
    requireMayChange(await grantorOf(members, caller), before, role, status);
    if (role.systemName !== 'Owner' || status !== 'active') await requireOtherOwner(members, before);
    const { workspaceId, createdAt } = before;
    const isChange = role.id !== before.roleId || status !== before.status;
    const { force, revokeExceeding } = changes;
    return keepManagingKey(stores, { ...needs, workspaceId, now, force }, async () => {
      const ended: Credential[] = [];
      if (isChange) {
        await members.update({ workspaceId, userId, roleId: role.id, status, createdAt, updatedAt: now });
        if (status === 'suspended') ended.push(...(await ownedSessions.endAllOf(workspaceId, userId, now)));
        await recordMemberChange(audit, caller, before, await visibleMember(members, caller, userId));
      }
      const member = await visibleMember(members, caller, userId);
      const exceedingKeys = await revokeExceedingKeys(stores, caller, { userId }, revokeExceeding, now);
      if (revokeExceeding) ended.push(...exceedingKeys.map(({ id }) => ({ kind: 'api-key', id }) as const));
      return { member, exceedingKeys, ended };
    });
  });
}

function permissionsFor({ status }: MemberChanges): BuiltInPermission[] {
  return status === undefined ? ['members:role-change'] : ['members:role-change', 'members:remove'];
}

/** Writes an entry for the role and one for the status, if both have changed. */
async function recordMemberChange(
  audit: AuditStore,
  caller: Caller,
  before: Member,
  after: Member,
): Promise<void> {
  const target = { kind: 'member', id: after.id } as const;
  const facts = { before: memberFacts(before), after: memberFacts(after) };
  for (const eventType of eventsOf(before, after)) {
    await recordChange(audit, caller, { eventType, target, ...facts }, after.updatedAt);
  }
}

function eventsOf(before: Member, after: Member): AuditEventType[] {
  if (after.status === before.status) return ['member.role-changed'];
  const status = after.status === 'active' ? 'member.reactivated' : 'member.suspended';
  return after.roleId === before.roleId ? [status] : ['member.role-changed', status];
}

function requireMayChange(granter: Grantor, before: Member, role: Role, status: MemberStatus): void {
  requireMayActOn(granter, before);
  const isGrant = role.id !== before.roleId || (status === 'active' && before.status !== 'active');
  if (isGrant) requireRoleGrant(granter, role);
}
