import type { Facts } from '../audit/entry.ts';

const MINUTE_MS = 60_000;

/** How long a session lasts without a call. */
export const SESSION_IDLE_MS = 30 * MINUTE_MS;
/** How long it lasts at all (NIST SP 800-63B, section 4.2.3). */
export const SESSION_KEPT_MS = 12 * 60 * MINUTE_MS;
/** A call that comes sooner after the last one does not count as another: not every call shall write. */
export const SEEN_PRECISION_MS = MINUTE_MS;

/** Somebody signed in, in one browser. */
export interface Session {
  readonly id: string;
  readonly workspaceId: string;
  readonly userId: string;
  /** The key that made the link through which they came, if it was a key: the session ends with it. */
  readonly keyId: string | null;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly expiresAt: number;
  /** From where, and with what, it was opened. */
  readonly address: string | null;
  readonly agent: string | null;
}

export function isSessionOver({ lastSeenAt, expiresAt }: Session, now: number): boolean {
  return now >= expiresAt || now >= lastSeenAt + SESSION_IDLE_MS;
}

/** What the audit log keeps of a session. */
export function sessionFacts({ userId, keyId, expiresAt }: Session): Facts {
  return { userId, keyId, expiresAt: new Date(expiresAt).toISOString() };
}
