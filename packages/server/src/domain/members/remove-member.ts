import { changeAuthorized } from '../access/authorized-change.ts';
import { endDescendants } from '../access/end-descendants.ts';
import { type KeyEndingNeeds, keepManagingKey } from '../access/managing-keys.ts';
import { recordRevocations } from '../access/revocations.ts';
import { grantorOf, requireMayActOn } from '../access/role-grant.ts';
import { recordChange } from '../audit/record-change.ts';
import { AppError } from '../shared/app-error.ts';
import type { Caller } from '../shared/caller.ts';
import type { Credential } from '../tenancy/descent.ts';
import { type Member, type MemberStore, memberFacts, visibleMember } from '../tenancy/member.ts';
import type { WorkspaceStores } from '../tenancy/stores.ts';

/** The revocation reason of the keys of a removed member. */
const OWNER_REMOVED = 'OWNER_REMOVED';

export interface MemberRemoval {
  /** Also end the keys, secrets and members that derive from the member. */
  readonly cascade?: boolean | undefined;
  /** Do it although no other active key could make keys and no account can sign in. */
  readonly force?: boolean | undefined;
}

export interface RemovedMember {
  readonly member: Member;
  readonly revokedKeys: number;
  /** The revoked keys, and all other credentials that ended with the membership. */
  readonly ended: readonly Credential[];
}

/**
 * Removes a member, revokes every key that they own in the workspace and ends their sessions, and the sessions, sign-in
 * links and open invitations that they made. Keys that they made for others stay, unless `cascade` is set and the caller may
 * end them. None of these work again if the member comes back. PERMISSION_DENIED if the member is an owner and the caller is
 * not; LAST_OWNER; LAST_MANAGING_KEY; NOT_FOUND.
 */
export async function removeMember(
  needs: KeyEndingNeeds,
  caller: Caller,
  userId: string,
  { cascade = false, force }: MemberRemoval = {},
): Promise<RemovedMember> {
  return changeAuthorized(needs, caller, ['members:remove'], async (stores, caller, now) => {
    const member = await visibleMember(stores.members, caller, userId);
    requireMayActOn(await grantorOf(stores.members, caller), member);
    const change = { ...needs, workspaceId: caller.workspaceId, now, force };
    return keepManagingKey(stores, change, () => endMembership(stores, caller, member, cascade, now));
  });
}

/** Ends a membership and all that `removeMember` names, as part of a transaction. LAST_OWNER. */
export async function endMembership(
  stores: WorkspaceStores,
  caller: Caller,
  member: Member,
  cascade: boolean,
  now: number,
): Promise<RemovedMember> {
  const { members, ownedKeys, ownedSessions, descent, audit } = stores;
  await requireOtherOwner(members, member);
  const { workspaceId, id: userId } = member;
  const keys = await ownedKeys.revokeAllOf(workspaceId, userId, OWNER_REMOVED, now);
  const revoked = keys.map(({ id }) => ({ kind: 'api-key', id }) as const);
  const sessions = await ownedSessions.endAllOf(workspaceId, userId, now);
  const ending = { roots: [userId], cascade, reason: OWNER_REMOVED };
  const below = await endDescendants(stores, caller, ending, now);
  const ended = [...revoked, ...sessions, ...below.ended];
  await members.remove(workspaceId, userId);
  await descent.removeMember(workspaceId, userId);
  const target = { kind: 'member', id: userId } as const;
  const after = ended.length > 0 ? { ended } : null;
  const change = { eventType: 'member.removed', target, before: memberFacts(member), after } as const;
  await recordChange(audit, caller, change, now);
  await recordRevocations(audit, caller, { keys, reason: OWNER_REMOVED }, now);
  return { member, revokedKeys: keys.length, ended };
}

/** Throws LAST_OWNER if the member is the only active owner. Must run in the transaction of the change. */
export async function requireOtherOwner(members: MemberStore, member: Member): Promise<void> {
  if (!member.isOwner || member.status !== 'active') return;
  if ((await members.countActiveOwners(member.workspaceId)) <= 1)
    throw new AppError('LAST_OWNER', {
      message: 'This is the last active owner; make another member an owner first',
    });
}
