import { AppError } from '../domain/shared/app-error.ts';
import type { MonotonicClock } from '../domain/shared/clock.ts';
import {
  type DayQuotaStore,
  dayOf,
  type Lease,
  msUntilNextDay,
} from '../domain/verification/limits/day-quota-store.ts';
import {
  MINUTE_WINDOW_MS,
  MinuteWindows,
  type Window,
} from '../domain/verification/limits/minute-windows.ts';
import {
  type LimitedKey,
  type LimitState,
  NO_QUOTA,
  type QuotaCounters,
  type QuotaState,
} from '../domain/verification/limits/quota-counters.ts';

/** A lease is a hundredth of the day limit. A crash loses at most one lease of each key. */
const LEASES_PER_DAY = 100;
/** Leases kept for idle keys, about 400 bytes each. Without one, the next call of a key waits for a commit. */
const IDLE_LEASES_MAX = 65_536;
/** Keys whose leases are held only in memory while the store cannot be written, about 400 bytes each. */
const UNSTORED_KEYS_MAX = 65_536;
/** Leases written in one transaction: few, so that other transactions can run in between. */
const WRITE_BATCH = 1_024;
/** The `day` of counters without a lease. */
const NO_DAY = -1;

/** The counters of a key: its minute window, and the part of its day limit that is leased to this process. */
interface Counters {
  readonly window: Window;
  /** The day of the lease. */
  day: number;
  /** Calls of the day limit leased in total, spent or not. */
  taken: number;
  /** Calls leased to this process and not spent. */
  left: number;
  /** Calls leased only in memory, because the store could not be written. Part of `taken`. */
  unstored: number;
  /** The pending read or write of the store for this key; there is at most one. */
  refill: Promise<void> | null;
}

/** The cost of a call, and how long the minute limit delays it. */
interface Demand {
  readonly cost: number;
  /** Milliseconds. */
  readonly minuteWait: number;
  readonly today: number;
}

/**
 * Minutes are counted in memory on a monotonic clock, so that no wait is longer than the window. Days are counted in
 * prepaid leases: a lease is stored before any of it is spent, so a crash can lose quota but never add any, and most calls
 * write nothing.
 *
 * While the store can be read but not written, as on a full disk, leases are held in memory within the same limits, and
 * written once writes succeed again. A crash before that loses the unwritten leases: their calls can be made a second time.
 */
export class LeasedCounters implements QuotaCounters {
  readonly #days: DayQuotaStore;
  readonly #clock: MonotonicClock;
  readonly #idleLeasesMax: number;
  readonly #windows = new MinuteWindows();
  readonly #unstoredKeysMax: number;
  readonly #counters = new Map<string, Counters>();
  #unstoredKeys = 0;

  constructor(
    days: DayQuotaStore,
    clock: MonotonicClock,
    idleLeasesMax = IDLE_LEASES_MAX,
    unstoredKeysMax = UNSTORED_KEYS_MAX,
  ) {
    this.#days = days;
    this.#clock = clock;
    this.#idleLeasesMax = idleLeasesMax;
    this.#unstoredKeysMax = unstoredKeysMax;
  }

  spend(key: LimitedKey, cost: number, now: number): QuotaState | null {
    return this.#answer(key, cost, now, true);
  }

  async peek(key: LimitedKey, cost: number, now: number): Promise<QuotaState> {
    for (;;) {
      const state = this.#answer(key, cost, now, false);
      if (state) return state;
      await this.#refillOnce(this.#of(key.id), key, cost, now);
    }
  }

  async sweep(now: number): Promise<void> {
    const at = this.#clock.monotonic();
    const isIdle = ({ window, refill, unstored }: Counters) =>
      refill === null && unstored === 0 && this.#windows.isIdle(window, at);
    const hasLease = (counters: Counters) => leftOn(counters, dayOf(now)) > 0;
    const idle = [...this.#counters].filter(([, counters]) => isIdle(counters));
    const leased = idle.filter(([, counters]) => hasLease(counters));
    const surplus = leased.slice(0, Math.max(0, leased.length - this.#idleLeasesMax));
    this.#drop([...idle.filter(([, counters]) => !hasLease(counters)), ...surplus]);
    await this.#giveBack(surplus);
    await this.#storeAll();
  }

  async close(): Promise<void> {
    await this.#storeAll();
    const all = [...this.#counters];
    this.#drop(all);
    await this.#giveBack(all);
  }

  /** Null when a lease of the day limit must be read or taken first. */
  #answer(key: LimitedKey, cost: number, now: number, isTaken: boolean): QuotaState | null {
    const { requestsPerMinute, requestsPerDay } = key.rateLimit;
    if (requestsPerMinute === null && requestsPerDay === null) return NO_QUOTA;
    const counters = this.#of(key.id);
    const at = this.#clock.monotonic();
    this.#windows.turnTo(counters.window, at);
    const today = dayOf(now);
    const minuteWait = this.#minuteWait(counters.window, requestsPerMinute, cost, at);
    if (requestsPerDay !== null && needsRefill(counters, requestsPerDay, { cost, minuteWait, today }))
      return null;
    const dayWait = isDayFree(counters, requestsPerDay, cost) ? 0 : msUntilNextDay(now);
    const wait = Math.max(minuteWait, dayWait);
    if (wait === 0 && isTaken) this.#take(counters, requestsPerDay, cost, at);
    return {
      minute: requestsPerMinute === null ? null : this.#minuteState(counters.window, requestsPerMinute, at),
      day: requestsPerDay === null ? null : dayState(counters, requestsPerDay, now),
      retryAfterSeconds: wait === 0 ? null : seconds(wait),
    };
  }

  #of(keyId: string): Counters {
    const known = this.#counters.get(keyId);
    if (known) return known;
    const window = this.#windows.take();
    const counters: Counters = { window, day: NO_DAY, taken: 0, left: 0, unstored: 0, refill: null };
    this.#counters.set(keyId, counters);
    return counters;
  }

  /** Takes the cost from both limits. */
  #take(counters: Counters, requestsPerDay: number | null, cost: number, at: number): void {
    this.#windows.add(counters.window, cost, at);
    if (requestsPerDay !== null) counters.left -= cost;
  }

  /** Milliseconds until the minute limit allows the cost; 0: now. For a cost above the limit, a whole window. */
  #minuteWait(window: Window, limit: number | null, cost: number, at: number): number {
    if (limit === null || cost === 0 || this.#windows.used(window) + cost <= limit) return 0;
    return cost > limit ? MINUTE_WINDOW_MS : this.#windows.msUntilUsed(window, limit - cost, at);
  }

  #minuteState(window: Window, limit: number, at: number): LimitState {
    const used = this.#windows.used(window);
    const resetSeconds = used === 0 ? 0 : seconds(this.#windows.msUntilUsed(window, used - 1, at));
    return { limit, remaining: Math.max(0, limit - used), resetSeconds };
  }

  /** Calls that need the same lease wait for one refill. */
  #refillOnce(counters: Counters, key: LimitedKey, cost: number, now: number): Promise<void> {
    counters.refill ??= this.#refill(counters, key, cost, now).finally(() => {
      counters.refill = null;
    });
    return counters.refill;
  }

  async #refill(counters: Counters, key: LimitedKey, cost: number, now: number): Promise<void> {
    const limit = key.rateLimit.requestsPerDay ?? 0;
    const day = dayOf(now);
    const wanted = Math.max(cost - leftOn(counters, day), Math.ceil(limit / LEASES_PER_DAY));
    // Leases of a past day no longer count.
    if (counters.day !== day) this.#setUnstored(counters, 0);
    const { granted, taken } = await this.#lease(counters, key, { day, wanted, limit });
    counters.left = leftOn(counters, day) + granted;
    counters.taken = taken;
    counters.day = day;
  }

  /**
   * As `DayQuotaStore.take`; grants from memory when the store cannot be written. Throws UNAVAILABLE when too many keys are
   * counted in memory, and the store's error when it cannot be read either.
   */
  async #lease(
    counters: Counters,
    key: LimitedKey,
    { day, wanted, limit }: { day: number; wanted: number; limit: number },
  ): Promise<{ granted: number; taken: number }> {
    try {
      await this.#store([[key.id, counters]]);
      return await this.#days.take(key, day, wanted, limit);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const before = (await this.#days.taken(key.id, day)) + counters.unstored;
      const granted = Math.max(0, Math.min(wanted, limit - before));
      if (granted > 0 && counters.unstored === 0 && this.#unstoredKeys >= this.#unstoredKeysMax)
        throw new AppError('UNAVAILABLE', { cause: error });
      this.#setUnstored(counters, counters.unstored + granted);
      return { granted, taken: before + granted };
    }
  }

  #setUnstored(counters: Counters, unstored: number): void {
    this.#unstoredKeys += Number(unstored > 0) - Number(counters.unstored > 0);
    counters.unstored = unstored;
  }

  /** Writes the leases held only in memory. A lease whose write fails is kept. */
  async #storeAll(): Promise<void> {
    if (this.#unstoredKeys === 0) return;
    const waiting = [...this.#counters].filter(([, { refill, unstored }]) => refill === null && unstored > 0);
    for (let start = 0; start < waiting.length; start += WRITE_BATCH) {
      const some = waiting.slice(start, start + WRITE_BATCH);
      const stored = this.#store(some);
      // Calls of these keys wait, so that no lease is taken while the write is pending.
      const written = stored.catch(() => {});
      for (const [, counters] of some) counters.refill = written;
      try {
        await stored;
      } finally {
        for (const [, counters] of some) counters.refill = null;
      }
    }
  }

  async #store(entries: readonly [string, Counters][]): Promise<void> {
    const leases = entries.flatMap(([keyId, { day, unstored }]): Lease[] =>
      unstored > 0 ? [{ keyId, day, calls: unstored }] : [],
    );
    if (leases.length === 0) return;
    await this.#days.add(leases);
    for (const [, counters] of entries) this.#setUnstored(counters, 0);
  }

  #drop(entries: readonly [string, Counters][]): void {
    for (const [keyId, { window }] of entries) {
      this.#counters.delete(keyId);
      this.#windows.giveBack(window);
    }
  }

  async #giveBack(entries: readonly [string, Counters][]): Promise<void> {
    const unspent = entries.flatMap(([keyId, { day, left }]): Lease[] =>
      left > 0 ? [{ keyId, day, calls: left }] : [],
    );
    for (let start = 0; start < unspent.length; start += WRITE_BATCH)
      await this.#days.giveBack(unspent.slice(start, start + WRITE_BATCH));
  }
}

function leftOn(counters: Counters, day: number): number {
  return counters.day === day ? counters.left : 0;
}

/**
 * True when the count of today is not loaded, or when another lease could allow this call: not when the minute limit denies
 * the call anyway, and not when the day limit is used up.
 */
function needsRefill(counters: Counters, limit: number, { cost, minuteWait, today }: Demand): boolean {
  if (counters.day !== today) return true;
  return counters.left < cost && counters.taken < limit && minuteWait === 0;
}

/** The counters must be those of today, with a large enough lease: check `needsRefill` first. */
function isDayFree(counters: Counters, limit: number | null, cost: number): boolean {
  return limit === null || cost === 0 || spent(counters) + cost <= limit;
}

function dayState(counters: Counters, limit: number, now: number): LimitState {
  const remaining = Math.max(0, limit - spent(counters));
  return { limit, remaining, resetSeconds: seconds(msUntilNextDay(now)) };
}

function spent({ taken, left }: Counters): number {
  return taken - left;
}

function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000));
}
