import type {
  CountedDenialCode,
  DecisionStep,
  Granularity,
  Permission,
  VerdictCode,
} from '@latchkey/contract';

/** Why a key was denied. */
export interface DenialReason {
  readonly step: DecisionStep;
  /** The requested permissions that the key did not hold. */
  readonly missing: readonly Permission[];
  readonly cost: number;
}

/** The denials with one code. */
export interface Denials {
  readonly count: number;
  /** The first of them. */
  readonly first: { readonly at: number; readonly reason: DenialReason };
}

/** The counts of a key in a minute that are not stored yet. */
export interface KeyUsage {
  readonly keyId: string;
  /** The start of the minute, in milliseconds since 1970. */
  readonly minute: number;
  readonly allowed: number;
  /** Null: none. */
  readonly denied: ReadonlyMap<CountedDenialCode, Denials> | null;
  /** The last use of the present secret that was not denied; 0: none. */
  readonly lastUsedAt: number;
  /** The uses of a secret that a rotation has replaced; null: none. */
  readonly oldSecret: OldSecretUse | null;
}

/** Uses of a secret that a rotation has replaced and that still works. */
export interface OldSecretUse {
  /** How many of the allowed verdicts had this secret. */
  readonly allowed: number;
  readonly lastUsedAt: number;
}

/** The number of verdicts with a code in a span. */
export interface UsageCount {
  readonly startsAt: number;
  readonly code: VerdictCode;
  readonly count: number;
}

/** The number of verdicts of a key with a code. */
export interface KeyCount extends Omit<UsageCount, 'startsAt'> {
  readonly keyId: string;
}

/**
 * Spans from `from` on, which is the start of one, and before `until`. Counts of finer granularities are included; counts that
 * were moved into coarser spans are not.
 */
export interface Period {
  readonly granularity: Granularity;
  readonly from: number;
  readonly until: number;
}

/** The keys of a workspace, or of one owner there. */
export interface CountedKeys {
  readonly workspaceId: string;
  readonly ownerId?: string;
}

/** A stored denial. */
export interface KeptDenial extends DenialReason {
  readonly at: number;
  readonly code: CountedDenialCode;
}

/** The usage counts and denials of keys. Each verdict is counted in exactly one span, at first in its minute. */
export interface UsageStore {
  /**
   * Adds to the stored counts, and moves the `lastUsedAt` of each key and of its secrets forward to the given use, never
   * backward; that of an unknown key is ignored. Stores the first denial that is added for a key, a code and a minute, and of those the latest
   * `REFUSALS_KEPT` for each key and code. Writes nothing else about a key.
   */
  add(usages: readonly KeyUsage[]): Promise<void>;

  /**
   * The counts of a key in spans that begin at or after `from` and before `until`; both must be the start of a span. Counts
   * of finer spans are included; counts that were moved into coarser spans are not.
   */
  count(
    workspaceId: string,
    keyId: string,
    granularity: Granularity,
    from: number,
    until: number,
  ): Promise<UsageCount[]>;

  /** The counts of each of the keys in the period. */
  countByKey(workspaceId: string, keyIds: readonly string[], period: Period): Promise<KeyCount[]>;

  /** The counts of all keys by span and code. Reads every count of the period. */
  countAll(of: CountedKeys, period: Period): Promise<UsageCount[]>;

  /** The ids of the keys with the most verdicts in the period, the most first. Reads every count of the period. */
  busiestKeys(of: CountedKeys, period: Period, limit: number): Promise<string[]>;

  /** The most denials of a key with one code in the period, the most first. Reads every count of the period. */
  mostDenials(of: CountedKeys, period: Period, limit: number): Promise<KeyCount[]>;

  /** The stored denials of a key, the latest first. */
  refusals(workspaceId: string, keyId: string): Promise<KeptDenial[]>;

  /**
   * Moves a limited number of counts of `fine` spans that began before the instant into the `coarse` spans that contain
   * them, the oldest first. `before` must be the start of a coarse span. False when no count is left to move.
   */
  rollUp(fine: Granularity, coarse: Granularity, before: number): Promise<boolean>;

  /** How many of the allowed verdicts of a key from this minute on had a secret that a rotation has replaced. */
  countOldSecret(workspaceId: string, keyId: string, from: number): Promise<number>;

  /** Deletes the counts of old secrets in minutes before this instant. */
  purgeOldSecretUses(before: number): Promise<void>;

  /** Deletes the denials before this instant. */
  purgeRefusals(before: number): Promise<void>;
}

/** The stores needed to write counts. */
export interface UsageStores {
  readonly usage: UsageStore;
}

/** The verdicts of a key or of a span, by result. */
export interface VerdictTotals {
  allowed: number;
  readonly denied: Partial<Record<CountedDenialCode, number>>;
}

/** Adds a count. The verdict KEY_INVALID belongs to no key, and is not added. */
export function addCount(totals: VerdictTotals, { code, count }: Omit<UsageCount, 'startsAt'>): void {
  if (code === 'VALID') totals.allowed += count;
  else if (code !== 'KEY_INVALID') totals.denied[code] = (totals.denied[code] ?? 0) + count;
}

/** The totals of each key that has a count. */
export function totalsByKey(counts: readonly KeyCount[]): Map<string, VerdictTotals> {
  const byKey = new Map<string, VerdictTotals>();
  for (const count of counts) {
    const totals = byKey.get(count.keyId) ?? { allowed: 0, denied: {} };
    addCount(totals, count);
    byKey.set(count.keyId, totals);
  }
  return byKey;
}
