import type { AuditEventType } from '@latchkey/contract';
import { recordChange } from '../audit/record-change.ts';
import { AppError } from '../shared/app-error.ts';
import type { ClientInfo } from '../shared/caller.ts';
import { newId } from '../shared/id.ts';
import type { Account, AccountStore } from '../tenancy/account.ts';
import { callerOfMember, type Member } from '../tenancy/member.ts';
import type { WorkspaceStores } from '../tenancy/stores.ts';

/** The stores that a claim reads and writes in one transaction. */
export type ClaimStores = Pick<WorkspaceStores, 'members' | 'accounts' | 'ownedSessions' | 'audit'>;

export interface ClaimRecord {
  readonly eventType: Extract<AuditEventType, 'member.claimed' | 'member.identity-linked'>;
  readonly after: Readonly<Record<string, string>>;
}

const CLAIMED: ClaimRecord = { eventType: 'member.claimed', after: {} };

/**
 * Assigns a member to the account, as part of a transaction. The calling code must have checked that the owner of the
 * account wants it. The member's earlier sessions and sign-in links end, since another person may have opened them.
 * CONFLICT if the member belongs to another account, or the account has a member in the workspace already.
 */
export async function claimMember(
  { members, ownedSessions, audit }: ClaimStores,
  member: Member,
  accountId: string,
  client: ClientInfo,
  now: number,
  { eventType, after }: ClaimRecord = CLAIMED,
): Promise<Member> {
  const { workspaceId, id } = member;
  if (member.accountId !== null && member.accountId !== accountId)
    throw new AppError('CONFLICT', { message: 'The member belongs to another account' });
  const others = (await members.listOf(accountId)).filter((other) => other.id !== id);
  if (others.some((other) => other.workspaceId === workspaceId))
    throw new AppError('CONFLICT', { message: 'You are a member of this workspace already' });
  await ownedSessions.endAllOf(workspaceId, id, now);
  await members.claim(workspaceId, id, accountId, now);
  const claimed = { ...member, accountId };
  const target = { kind: 'member', id } as const;
  const change = { eventType, target, before: null, after: { ...after, isClaimed: true } };
  await recordChange(audit, callerOfMember(claimed, client, accountId), change, now);
  return claimed;
}

/**
 * `claimMember` for the account that has proven the member's address; makes that account if there is none. The calling
 * code must have checked that the person receives mail at the address, or acts on the host. Does nothing if the member is
 * claimed already.
 */
export async function claimByAddress(
  stores: ClaimStores,
  member: Member,
  client: ClientInfo,
  now: number,
): Promise<Member> {
  if (member.accountId !== null) return member;
  const { accounts } = stores;
  const account = (await accounts.findByAddress(member.email)) ?? (await makeAccount(accounts, now));
  await accounts.proveAddress(account.id, member.email, now);
  return claimMember(stores, member, account.id, client, now);
}

/** Inserts an account without proven addresses and without members. */
export async function makeAccount(accounts: AccountStore, now: number): Promise<Account> {
  const account = { id: newId('acc'), defaultWorkspaceId: null, createdAt: now };
  await accounts.insert(account);
  return account;
}
