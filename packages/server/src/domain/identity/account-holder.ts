import { AppError } from '../shared/app-error.ts';
import type { Caller, ClientInfo } from '../shared/caller.ts';
import type { Member } from '../tenancy/member.ts';
import type { WorkspaceStores } from '../tenancy/stores.ts';
import { accountOfIdentity } from './account-of-identity.ts';
import type { Identity, IdentityStores } from './identity.ts';

/** A person who has proven that they own an account, by a token of the provider or by a session of the account. */
export interface AccountHolder {
  /** Null: the identity has no account yet. It gets one when it claims its first member. */
  readonly accountId: string | null;
  /** Null: the credential is a session. */
  readonly identity: Identity | null;
  /** Null: the credential is a token. */
  readonly session: (Pick<Caller, 'workspaceId' | 'userId'> & { readonly sessionId: string }) | null;
  readonly client: ClientInfo;
}

/** The owner of the account that a session proves. Throws PERMISSION_DENIED for a session without an account. */
export function holderOfSession(caller: Caller): AccountHolder {
  const { workspaceId, userId, accountId, sessionId, client } = caller;
  if (accountId === undefined || sessionId === undefined)
    throw new AppError('PERMISSION_DENIED', {
      message:
        'This session does not prove an account, because another person could see its link: sign in with a mailed link or at the identity provider',
    });
  return { accountId, identity: null, session: { workspaceId, userId, sessionId }, client };
}

export type HolderStores = IdentityStores & Pick<WorkspaceStores, 'ownedSessions'>;

/**
 * The holder's account, in the transaction of the stores; a new one for an identity that has none yet. Throws
 * SESSION_INVALID if the session has ended since it was authenticated.
 */
export async function accountOf(
  stores: HolderStores,
  { accountId, identity, session }: AccountHolder,
  now: number,
): Promise<string> {
  if (identity) return accountOfIdentity(stores, identity, now);
  const stored = session && (await stores.ownedSessions.calling(session.workspaceId, session.sessionId));
  const member = session && (await stores.members.find(session.workspaceId, session.userId));
  const isGood = stored && stored.accountId === accountId && now < stored.expiresAt;
  if (!isGood || member?.accountId !== accountId || accountId === null) throw new AppError('SESSION_INVALID');
  return accountId;
}

/** The account's member in the workspace. Throws NOT_FOUND if there is none, also for an unknown workspace. */
export async function membershipIn(
  { members }: Pick<HolderStores, 'members'>,
  accountId: string,
  workspaceId: string,
): Promise<Member> {
  const all = await members.listOf(accountId);
  const member = all.find((one) => one.workspaceId === workspaceId);
  if (!member) throw new AppError('NOT_FOUND', { message: `No workspace ${workspaceId}` });
  return member;
}
