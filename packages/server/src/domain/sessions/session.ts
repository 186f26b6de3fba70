import type { Facts } from '../audit/entry.ts';
import type { Issuer } from '../shared/caller.ts';
import type { Page, PageRequest } from '../shared/page.ts';

const MINUTE_MS = 60_000;

/** Milliseconds after which a session without a call expires. */
export const SESSION_IDLE_MS = 30 * MINUTE_MS;
/** Milliseconds after which every session expires (NIST SP 800-63B, section 4.2.3). */
export const SESSION_KEPT_MS = 12 * 60 * MINUTE_MS;
/** Milliseconds between two writes of `lastSeenAt`, so that not every call writes. */
export const SEEN_PRECISION_MS = MINUTE_MS;

/** A member signed in with one browser. */
export interface Session {
  readonly id: string;
  readonly workspaceId: string;
  readonly userId: string;
  /** The account that the session proves; null: it is valid for this one member only. */
  readonly accountId: string | null;
  /** The maker of the link that opened it: the session works only while they do. Null: no other member made one. */
  readonly issuer: Issuer | null;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly expiresAt: number;
  /** The IP address and the client that opened it. */
  readonly address: string | null;
  readonly agent: string | null;
}

export function isSessionOver({ lastSeenAt, expiresAt }: Session, now: number): boolean {
  return now >= expiresAt || now >= lastSeenAt + SESSION_IDLE_MS;
}

/** The fields of a session in the audit log. */
export function sessionFacts({ userId, issuer, expiresAt }: Session): Facts {
  return { userId, ...issuerFacts(issuer), expiresAt: new Date(expiresAt).toISOString() };
}

/** The fields of an issuer in the audit log. */
export function issuerFacts(issuer: Issuer | null): Facts {
  return { issuerId: issuer?.userId ?? null, keyId: issuer?.keyId ?? null };
}

/** The sessions of all members. Rows that were edited outside the service are not found. */
export interface SessionStore {
  insert(session: Session, digest: string): Promise<void>;

  /** The only look-up across workspaces: the token alone signs in. Null on a miss. Also finds expired sessions. */
  findByDigest(digest: string): Promise<Session | null>;

  /** The sessions of the user, the newest first, including expired ones. */
  list(workspaceId: string, userId: string): Promise<Session[]>;

  /** The newest first, those that expire after `now` and were last seen after `seenAfter`. */
  listLive(
    workspaceId: string,
    userId: string,
    live: { readonly now: number; readonly seenAfter: number },
    page: PageRequest,
  ): Promise<Page<Session>>;

  /** Moves `lastSeenAt` forward, never backward. Nothing happens where the session has ended. */
  recordSeen(sessionId: string, at: number): Promise<void>;

  /** Deletes the session. False when this user has no such session in the workspace. */
  remove(workspaceId: string, userId: string, sessionId: string): Promise<boolean>;

  /** Deletes the sessions that expired before `now` or were last seen before `seenBefore`; returns their number. */
  purge(now: number, seenBefore: number): Promise<number>;
}
