import type { Facts } from '../audit/entry.ts';
import type { Issuer } from '../shared/caller.ts';

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
  /** The account that the session proves; null: it is of this one member, and does nothing for the person elsewhere. */
  readonly accountId: string | null;
  /** Who made the link that opened it: the session works only while they do. Null: no other member made one. */
  readonly issuer: Issuer | null;
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
export function sessionFacts({ userId, issuer, expiresAt }: Session): Facts {
  return { userId, ...issuerFacts(issuer), expiresAt: new Date(expiresAt).toISOString() };
}

/** What the audit log keeps of an issuer. */
export function issuerFacts(issuer: Issuer | null): Facts {
  return { issuerId: issuer?.userId ?? null, keyId: issuer?.keyId ?? null };
}
