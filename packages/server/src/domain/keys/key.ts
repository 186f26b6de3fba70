import {
  type AuditEventType,
  type CallerKind,
  isExpired,
  type KeyStatus,
  type KeyUse,
  type Permission,
} from '@latchkey/contract';
import type { Facts } from '../audit/entry.ts';
import type { Change } from '../audit/record-change.ts';
import type { Bounds, RateLimit } from '../shared/caller.ts';
import type { Credential } from '../tenancy/descent.ts';
import type { Person } from '../tenancy/member.ts';

/** Which credential made a key. */
export interface CreatedBy {
  readonly kind: CallerKind;
  readonly userId: string;
  readonly keyId: string | null;
}

/** An API key without its secret. Instants are milliseconds since 1970. */
export interface Key {
  readonly id: string;
  readonly workspaceId: string;
  readonly owner: Person;
  readonly name: string;
  /** The part of the secret that may always be shown: prefix, `…`, last four characters. */
  readonly hint: string;
  readonly isActive: boolean;
  /** `verify`: it has no permissions, and may only verify keys of its workspace. Never changes. */
  readonly use: KeyUse;
  /** The frozen set, in catalogue order. Nothing changes it while the key lives. */
  readonly permissions: readonly Permission[];
  readonly rateLimit: RateLimit;
  readonly createdAt: number;
  readonly createdBy: CreatedBy;
  readonly lastUsedAt: number | null;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
  readonly revokedReason: string | null;
  /** Incremented by each change that a caller makes; `If-Match` is compared with it. */
  readonly version: number;
  /** False if the stored row was edited outside this service. Such a key is never accepted. */
  readonly isIntact: boolean;
}

/** One secret of a key, as it is stored. A key has the present one and, after a rotation, the one before. */
export interface Secret {
  readonly digest: string;
  readonly hint: string;
  /** The pepper that `digest` was made with. */
  readonly pepperId: string;
  readonly createdAt: number;
}

/** The status that is shown. A key with several of these is reported as the first of revoked, disabled, expired. */
export function keyStatus(key: Key, now: number): KeyStatus {
  if (key.revokedAt !== null) return 'revoked';
  if (!key.isActive) return 'disabled';
  return isExpired(key, now) ? 'expired' : 'active';
}

/** Does `after` allow anything that `before` did not: a later expiry, a higher limit, use although it was disabled? */
export function widens(before: Key, after: Key): boolean {
  return (
    (after.isActive && !before.isActive) ||
    exceeds(after.expiresAt, before.expiresAt) ||
    exceedsLimits(after.rateLimit, before.rateLimit)
  );
}

/** Is `value` beyond `bound`? Null means unlimited, for both. */
export function exceeds(value: number | null, bound: number | null): boolean {
  return bound !== null && (value === null || value > bound);
}

function exceedsLimits(limits: RateLimit, bounds: RateLimit): boolean {
  return (
    exceeds(limits.requestsPerMinute, bounds.requestsPerMinute) ||
    exceeds(limits.requestsPerDay, bounds.requestsPerDay)
  );
}

/** What a key made by this key may not exceed. */
export function boundsOf(key: Key): Bounds {
  return { expiresAt: key.expiresAt, rateLimit: key.rateLimit };
}

/** A change of a key, for the audit log. `before`: null for a new key; `ended`: the other credentials that it ended. */
export function keyChange(
  eventType: Extract<AuditEventType, `api-key.${string}`>,
  before: Key | null,
  after: Key,
  ended: readonly Credential[] = [],
): Change {
  return {
    eventType,
    target: { kind: 'api-key', id: after.id },
    before: before && keyFacts(before),
    after: { ...keyFacts(after), ...(ended.length > 0 && { ended }) },
  };
}

/** The fields of a key in the audit log: those of the answers, except those that only usage changes. */
function keyFacts(key: Key): Facts {
  const { name, owner, hint, isActive, use, permissions, rateLimit, revokedReason, version } = key;
  return {
    ...{ name, ownerId: owner.id, hint, isActive, use, permissions, rateLimit, revokedReason, version },
    expiresAt: instant(key.expiresAt),
    revokedAt: instant(key.revokedAt),
  };
}

function instant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
