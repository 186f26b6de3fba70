import { AppError } from '../domain/shared/app-error.ts';
import {
  type DayQuotaStore,
  dayOf,
  type Lease,
  msUntilNextDay,
} from '../domain/verification/limits/day-quota-store.ts';
import {
  type LimitedKey,
  type LimitState,
  waitSeconds,
} from '../domain/verification/limits/quota-counters.ts';

/** All instances together hold leases of about a hundredth of the day limit. A crash loses at most one lease of each key. */
const LEASES_PER_DAY = 100;
/** Keys whose leases are held only in memory while the store cannot be written, about 400 bytes each. */
const UNSTORED_KEYS_MAX = 65_536;
/** Leases written in one transaction: few, so that other transactions can run in between. */
const WRITE_BATCH = 1_024;
/** The `day` of a key without a lease. */
export const NO_DAY = -1;

/** The part of the day limit of a key that is leased to this process. */
export interface DayLease {
  /** The day of the lease. */
  day: number;
  /** Calls of the day limit leased in total, by all instances, spent or not. */
  taken: number;
  /** Calls leased to this process and not spent. */
  left: number;
  /** Calls leased only in memory, because the store could not be written. Part of `taken`. */
  unstored: number;
  /** The pending read or write of the store for this key; there is at most one. */
  refill: Promise<void> | null;
}

export interface DayLeaseOptions {
  /** The most keys whose leases are held only in memory while the store cannot be written. */
  readonly unstoredKeysMax?: number | undefined;
  /** The number of instances that take leases of the same days, at least 1. Left out: this is the only one. */
  readonly instances?: (() => number) | undefined;
}

/**
 * Takes leases of day limits from the store, and gives them back. A lease is stored before any of it is spent.
 *
 * While the store can be read but not written, as on a full disk, leases are held in memory within the same limits, and
 * written once writes succeed again. A crash before that loses the unwritten leases: their calls can be made a second time.
 * One of several instances does so only while the disk of their database is full: any other failure may be its own, and the
 * others go on taking leases. It takes its share of the remaining quota. Until all have written theirs, others can take the
 * same calls, so that N instances admit up to 2 − 1/N of a limit on that day.
 */
export class DayLeases {
  readonly #store: DayQuotaStore;
  readonly #unstoredKeysMax: number;
  readonly #instances: () => number;
  #unstoredKeys = 0;

  constructor(
    store: DayQuotaStore,
    { unstoredKeysMax = UNSTORED_KEYS_MAX, instances = () => 1 }: DayLeaseOptions = {},
  ) {
    this.#store = store;
    this.#unstoredKeysMax = unstoredKeysMax;
    this.#instances = instances;
  }

  /**
   * Takes a lease of the day of `now` that is large enough for the cost, unless the limit is used up. Calls that need the same
   * lease wait for one refill. Throws UNAVAILABLE when too many keys are counted in memory, and the store's error when it
   * cannot be read either.
   */
  refill(lease: DayLease, key: LimitedKey, cost: number, now: number): Promise<void> {
    lease.refill ??= this.#refill(lease, key, cost, dayOf(now)).finally(() => {
      lease.refill = null;
    });
    return lease.refill;
  }

  /** Writes the leases held only in memory. A lease whose write fails is kept. */
  async storeAll(leases: Iterable<readonly [string, DayLease]>): Promise<void> {
    if (this.#unstoredKeys === 0) return;
    const waiting = [...leases].filter(([, { unstored }]) => unstored > 0);
    for (let start = 0; start < waiting.length; start += WRITE_BATCH) {
      // Without those that a call writes, which may have begun during the batch before.
      const some = waiting.slice(start, start + WRITE_BATCH).filter(([, { refill }]) => refill === null);
      const stored = this.#storeSome(some);
      // Calls of these keys wait, so that no lease is taken while the write is pending.
      const written = stored.catch(() => {});
      for (const [, lease] of some) lease.refill = written;
      try {
        await stored;
      } finally {
        for (const [, lease] of some) lease.refill = null;
      }
    }
  }

  /** Returns unspent calls to the store. Only what it has counted: not what was leased in memory. */
  async giveBack(leases: readonly (readonly [string, DayLease])[]): Promise<void> {
    const unspent = leases.flatMap(([keyId, { day, left, unstored }]): Lease[] =>
      left > unstored ? [{ keyId, day, calls: left - unstored }] : [],
    );
    for (let start = 0; start < unspent.length; start += WRITE_BATCH)
      await this.#store.giveBack(unspent.slice(start, start + WRITE_BATCH));
  }

  async #refill(lease: DayLease, key: LimitedKey, cost: number, day: number): Promise<void> {
    const limit = key.rateLimit.requestsPerDay ?? 0;
    const wanted = Math.max(cost - leftOn(lease, day), Math.ceil(limit / LEASES_PER_DAY / this.#instances()));
    // Leases of a past day no longer count, but those of a later day do: the clock was set back.
    if (lease.day < day) this.#setUnstored(lease, 0);
    else if (lease.day > day) await this.#storeSome([[key.id, lease]]);
    const { granted, taken } = await this.#take(lease, key, { day, wanted, limit });
    lease.left = leftOn(lease, day) + granted;
    lease.taken = taken;
    lease.day = day;
  }

  /** As `DayQuotaStore.take`; grants from memory when the store cannot be written. */
  async #take(
    lease: DayLease,
    key: LimitedKey,
    { day, wanted, limit }: { day: number; wanted: number; limit: number },
  ): Promise<{ granted: number; taken: number }> {
    try {
      await this.#storeSome([[key.id, lease]]);
      return await this.#store.take(key, day, wanted, limit);
    } catch (error) {
      const instances = this.#instances();
      if (!(error instanceof AppError) || (instances > 1 && error.code !== 'STORAGE_FULL')) throw error;
      const stored = await this.#store.taken(key.id, day);
      const before = stored + lease.unstored;
      const share = Math.floor((limit - stored) / instances);
      const granted = Math.max(0, Math.min(wanted, share - lease.unstored));
      // The share is used up, but not the limit.
      if (granted === 0 && before < limit) throw error;
      if (granted > 0 && lease.unstored === 0 && this.#unstoredKeys >= this.#unstoredKeysMax)
        throw new AppError('UNAVAILABLE', { cause: error });
      this.#setUnstored(lease, lease.unstored + granted);
      return { granted, taken: before + granted };
    }
  }

  async #storeSome(leases: readonly (readonly [string, DayLease])[]): Promise<void> {
    const unstored = leases.flatMap(([keyId, { day, unstored: calls }]): Lease[] =>
      calls > 0 ? [{ keyId, day, calls }] : [],
    );
    if (unstored.length === 0) return;
    await this.#store.add(unstored);
    for (const [, lease] of leases) this.#setUnstored(lease, 0);
  }

  #setUnstored(lease: DayLease, unstored: number): void {
    this.#unstoredKeys += Number(unstored > 0) - Number(lease.unstored > 0);
    lease.unstored = unstored;
  }
}

export function leftOn(lease: DayLease, day: number): number {
  return lease.day === day ? lease.left : 0;
}

/** True when the count of the day is not loaded, or when another lease could allow the cost: not when the limit is used up. */
export function needsRefill(lease: DayLease, limit: number, cost: number, day: number): boolean {
  return lease.day !== day || (lease.left < cost && lease.taken < limit);
}

/** The lease must be that of today, and large enough: check `needsRefill` first. */
export function isDayFree(lease: DayLease, limit: number | null, cost: number): boolean {
  return limit === null || cost === 0 || spent(lease) + cost <= limit;
}

export function dayState(lease: DayLease, limit: number, now: number): LimitState {
  const remaining = Math.max(0, limit - spent(lease));
  return { limit, remaining, resetSeconds: waitSeconds(msUntilNextDay(now)) };
}

function spent({ taken, left }: DayLease): number {
  return taken - left;
}
