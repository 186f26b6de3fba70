import type { LimitedKey } from './quota-counters.ts';

const DAY_MS = 86_400_000;

/** Days since 1970-01-01, UTC. */
export function dayOf(now: number): number {
  return Math.floor(now / DAY_MS);
}

/** Milliseconds until the next day begins at 00:00Z. */
export function msUntilNextDay(now: number): number {
  return DAY_MS - (now % DAY_MS);
}

/** Calls of a key's day that were handed out. */
export interface Lease {
  readonly keyId: string;
  readonly day: number;
  readonly calls: number;
}

/** The durable count of what has been handed out of the day limits. */
export interface DayQuotaStore {
  /**
   * Hands out up to `wanted` calls of the day, as long as no more than `limit` are handed out in all. Resolves when it is
   * durable: what was handed out stays handed out, whatever happens to the process.
   * Returns how many were granted and how many are handed out now.
   */
  take(
    key: LimitedKey,
    day: number,
    wanted: number,
    limit: number,
  ): Promise<{ granted: number; taken: number }>;

  /** How many calls of the key's day are handed out. Reads what is committed, and writes nothing. */
  taken(keyId: string, day: number): Promise<number>;

  /**
   * Counts calls that were handed out already, whatever the limit: all of them, or none where it rejects. One lease a key
   * and day.
   */
  add(handedOut: readonly Lease[]): Promise<void>;

  /** Takes back calls that were handed out and not spent: all of them, or none where it rejects. One lease a key and day. */
  giveBack(unspent: readonly Lease[]): Promise<void>;

  /** Forgets all days before this one. */
  purge(beforeDay: number): Promise<void>;
}
