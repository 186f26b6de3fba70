import { recordChange } from '../audit/record-change.ts';
import { AppError } from '../shared/app-error.ts';
import type { ClientInfo } from '../shared/caller.ts';
import { newId } from '../shared/id.ts';
import { generateToken } from '../shared/tokens.ts';
import { callerOfMember } from '../tenancy/member.ts';
import { SESSION_KEPT_MS, type Session, sessionFacts } from './session.ts';
import { presentMember, type SignInSubject } from './sign-in-subject.ts';
import type { SessionNeeds, SessionStores } from './stores.ts';

export interface OpenedSession {
  readonly session: Session;
  /** It is returned only once. */
  readonly token: string;
}

/**
 * Opens a session with a new token for a member; the calling code must have authenticated them. Throws USER_NOT_FOUND when
 * they are not an active member, and WORKSPACE_SUSPENDED.
 */
export function openSession(
  needs: SessionNeeds,
  entrant: SignInSubject,
  client: ClientInfo,
): Promise<OpenedSession> {
  return needs.unitOfWork.transact((stores) => openSessionIn(stores, needs, entrant, client));
}

/** `openSession` in the transaction of the stores; `linkId` is the sign-in link that was used, if any. */
export async function openSessionIn(
  stores: SessionStores,
  { keyring, clock }: Pick<SessionNeeds, 'keyring' | 'clock'>,
  entrant: SignInSubject & { readonly expiresAt?: number },
  client: ClientInfo,
  linkId: string | null = null,
): Promise<OpenedSession> {
  const now = clock.now();
  const present = await presentMember(stores, entrant, now);
  if (!present) throw new AppError('USER_NOT_FOUND');
  const { workspaceId, userId, issuer = null, accountId = null } = entrant;
  const { address, agent } = client;
  const { expiresAt = now + SESSION_KEPT_MS } = entrant;
  const times = { createdAt: now, lastSeenAt: now, expiresAt };
  const session = { id: newId('ses'), workspaceId, userId, accountId, issuer, ...times, address, agent };
  const token = generateToken('session');
  await stores.sessions.insert(session, keyring.digest(token));
  const origination = { workspaceId, parentId: linkId, memberId: userId };
  await stores.descent.record({ kind: 'session', id: session.id }, origination);
  const target = { kind: 'session', id: session.id } as const;
  const change = { eventType: 'session.opened', target, before: null, after: sessionFacts(session) } as const;
  const actor = { ...callerOfMember(present.member, client), sessionId: session.id };
  await recordChange(stores.audit, actor, change, now);
  return { session, token };
}
