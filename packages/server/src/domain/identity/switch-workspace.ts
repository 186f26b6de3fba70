import { recordChange } from '../audit/record-change.ts';
import { type OpenedSession, openSessionIn } from '../sessions/open-session.ts';
import { sessionFacts } from '../sessions/session.ts';
import type { SessionNeeds, SessionStores } from '../sessions/stores.ts';
import { AppError } from '../shared/app-error.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import { callerOfMember, type Member } from '../tenancy/member.ts';
import { type AccountHolder, accountOf, type HolderStores, membershipIn } from './account-holder.ts';
import type { AccountNeeds } from './settle-offer.ts';

export interface SwitchNeeds extends Omit<SessionNeeds, 'unitOfWork'> {
  readonly unitOfWork: UnitOfWork<HolderStores & SessionStores>;
}

/**
 * Replaces the holder's session by one of the same account in another workspace, with the same end. Throws CONFLICT if the
 * credential is not a session; NOT_FOUND if the account has no active member there; WORKSPACE_SUSPENDED.
 */
export async function switchWorkspace(
  needs: SwitchNeeds,
  holder: AccountHolder,
  workspaceId: string,
): Promise<OpenedSession> {
  const { session: current, client } = holder;
  if (!current)
    throw new AppError('CONFLICT', {
      message:
        'Only a session can be switched: with a token, name the workspace in the header Latchkey-Workspace',
    });
  return needs.unitOfWork.transact(async (stores) => {
    const now = needs.clock.now();
    const accountId = await accountOf(stores, holder, now);
    const { id: userId } = await membershipIn(stores, accountId, workspaceId);
    const expiresAt = await endCurrent(stores, holder, current, now);
    const entrant = { workspaceId, userId, accountId, expiresAt };
    return openSessionIn(stores, needs, entrant, client).catch((error: unknown) => {
      const isSuspended = error instanceof AppError && error.code === 'USER_NOT_FOUND';
      throw isSuspended ? new AppError('NOT_FOUND', { message: `No workspace ${workspaceId}` }) : error;
    });
  });
}

/** Ends the session and returns its `expiresAt`. */
async function endCurrent(
  stores: HolderStores & SessionStores,
  { accountId, client }: AccountHolder,
  { workspaceId, userId, sessionId }: NonNullable<AccountHolder['session']>,
  now: number,
): Promise<number> {
  const session = (await stores.sessions.list(workspaceId, userId)).find(({ id }) => id === sessionId);
  const member = await stores.members.find(workspaceId, userId);
  if (!session || !member) throw new AppError('SESSION_INVALID');
  await stores.sessions.remove(workspaceId, userId, sessionId);
  const target = { kind: 'session', id: sessionId } as const;
  const change = { eventType: 'session.ended', target, before: sessionFacts(session), after: null } as const;
  await recordChange(stores.audit, callerOfMember(member, client, accountId), change, now);
  return session.expiresAt;
}

/** Sets the workspace for tokens that do not name one. Throws NOT_FOUND if the account has no member there. */
export async function setDefaultWorkspace(
  needs: AccountNeeds,
  holder: AccountHolder,
  workspaceId: string,
): Promise<Member> {
  return needs.unitOfWork.transact(async (stores) => {
    const accountId = await accountOf(stores, holder, needs.clock.now());
    const member = await membershipIn(stores, accountId, workspaceId);
    await stores.accounts.setDefault(accountId, workspaceId);
    return member;
  });
}
