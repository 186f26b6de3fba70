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

/** Calls of a key's day limit that are leased to a process. */
export interface Lease {
  readonly keyId: string;
  readonly day: number;
  readonly calls: number;
}

/** The durable count of the leased calls of the day limits. */
export interface DayQuotaStore {
  /**
   * Leases up to `wanted` calls of the day, so that at most `limit` are leased in total. Resolves when the lease is durable:
   * it survives a crash of the process. Returns the number of calls granted, and the total that is leased now.
   */
  take(
    key: LimitedKey,
    day: number,
    wanted: number,
    limit: number,
  ): Promise<{ granted: number; taken: number }>;

  /** The number of leased calls of the key's day. Reads committed data, and writes nothing. */
  taken(keyId: string, day: number): Promise<number>;

  /**
   * Adds leases that were already granted, without regard to the limit: all of them, or none when it rejects. At most one
   * lease for each key and day.
   */
  add(leases: readonly Lease[]): Promise<void>;

  /** Returns unspent calls of leases: all of them, or none when it rejects. At most one lease for each key and day. */
  giveBack(unspent: readonly Lease[]): Promise<void>;

  /** Deletes the counts of all days before this one. */
  purge(beforeDay: number): Promise<void>;
}
