import { isToken } from '@latchkey/contract';
import { AppError } from '../shared/app-error.ts';
import type { Caller, ClientInfo } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import type { Keyring } from '../shared/keyring.ts';
import { callerOfMember } from '../tenancy/member.ts';
import { isSessionOver, SEEN_PRECISION_MS, type Session, type SessionStore } from './session.ts';
import { presentMember, type SignInSubjectStores } from './sign-in-subject.ts';

export interface SessionLookup extends SignInSubjectStores {
  readonly sessions: SessionStore;
  readonly keyring: Keyring;
  readonly clock: Clock;
}

/**
 * The caller whose credential is this session token, with the permissions that their role and the issuer of their link give
 * now. Throws SESSION_INVALID for a session that is unknown or expired, or whose member, workspace or key is no longer
 * usable; WORKSPACE_SUSPENDED.
 */
export async function authenticateSession(
  lookup: SessionLookup,
  token: string,
  client: ClientInfo,
): Promise<Caller> {
  const now = lookup.clock.now();
  const session = await openSessionOf(lookup, token, now);
  const present = session && (await presentMember(lookup, session, now));
  if (!session || !present) throw new AppError('SESSION_INVALID');
  if (now - session.lastSeenAt >= SEEN_PRECISION_MS) await recordSeen(lookup, session, now);
  const { member, permissions, bounds } = present;
  const { id: sessionId, issuer, accountId } = session;
  const person = callerOfMember(member, client, accountId);
  return { ...person, permissions, bounds, sessionId, ...(issuer && { issuer }) };
}

/** Ignores errors of the store: the call may only read, and must work on a full disk. */
async function recordSeen({ sessions }: SessionLookup, { id }: Session, now: number): Promise<void> {
  try {
    await sessions.recordSeen(id, now);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
}

async function openSessionOf(
  { sessions, keyring }: SessionLookup,
  token: string,
  now: number,
): Promise<Session | null> {
  if (!isToken('session', token)) return null;
  const session = await keyring.firstFound(token, (digest) => sessions.findByDigest(digest));
  return session && !isSessionOver(session, now) ? session : null;
}
