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

/** A hundredth of the day limit is set aside at a time: that much a crash can lose, and never give twice. */
const LEASES_PER_DAY = 100;
/** Leases that idle keys keep, for each some 400 bytes: to take one anew costs a commit, and whoever asks has to wait for it. */
const IDLE_LEASES_MAX = 65_536;
/** Keys with calls that are counted in memory alone while the store cannot be written, for each some 400 bytes. */
const UNSTORED_KEYS_MAX = 65_536;
/** Leases in one transaction: few, so that others get in between. */
const WRITTEN_AT_A_TIME = 1_024;
/** The day of what was handed out for none. */
const NO_DAY = -1;

/** What is counted for a key: the window of its minute, and a part of its day limit that is handed out to this process. */
interface Counters {
  readonly window: Window;
  /** For which day it was handed out. */
  day: number;
  /** Handed out of the day's limit in all, spent or not. */
  taken: number;
  /** Handed out to this process and not spent. */
  left: number;
  /** Handed out in memory alone, because the store could not be written. Part of `taken`. */
  unstored: number;
  /** The read or write of the store that is under way for this key; there is one at a time. */
  refill: Promise<void> | null;
}

/** What a call asks of the day limit, and what else holds it up. */
interface Demand {
  readonly cost: number;
  /** Milliseconds. */
  readonly minuteWait: number;
  readonly today: number;
}

/**
 * Minutes are counted in memory on a monotonic clock, so that no wait is longer than the window. Days are counted in
 * prepaid leases: a lease is written down before any of it is spent, so a crash can strand quota and never add any, and
 * most calls write nothing.
 *
 * While the store can be read but not written, as on a full disk, leases are handed out in memory within the same limits,
 * and written once that is possible again. A crash before that loses what is not written: up to that many calls of a key's
 * day can be made again.
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
    this.#forget([...idle.filter(([, counters]) => !hasLease(counters)), ...surplus]);
    await this.#giveBack(surplus);
    await this.#storeAll();
  }

  async close(): Promise<void> {
    await this.#storeAll();
    const all = [...this.#counters];
    this.#forget(all);
    await this.#giveBack(all);
  }

  /** Null where more of the day limit has to be handed out first. */
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

  /** Milliseconds until the minute limit lets the cost through; 0: now. A cost above the limit waits for a whole window. */
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
    // What was handed out for a day that is over counts no more.
    if (counters.day !== day) this.#setUnstored(counters, 0);
    const { granted, taken } = await this.#handOut(counters, key, { day, wanted, limit });
    counters.left = leftOn(counters, day) + granted;
    counters.taken = taken;
    counters.day = day;
  }

  /** As `DayQuotaStore.take`, from memory where the store cannot be written. UNAVAILABLE where it cannot be read either. */
  async #handOut(
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

  /** Writes what was handed out in memory alone. What cannot be written is kept. */
  async #storeAll(): Promise<void> {
    if (this.#unstoredKeys === 0) return;
    const waiting = [...this.#counters].filter(([, { refill, unstored }]) => refill === null && unstored > 0);
    for (let start = 0; start < waiting.length; start += WRITTEN_AT_A_TIME) {
      const some = waiting.slice(start, start + WRITTEN_AT_A_TIME);
      const stored = this.#store(some);
      // Calls of these keys wait: a lease is taken before or after the write, never beside it.
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
    const handedOut = entries.flatMap(([keyId, { day, unstored }]): Lease[] =>
      unstored > 0 ? [{ keyId, day, calls: unstored }] : [],
    );
    if (handedOut.length === 0) return;
    await this.#days.add(handedOut);
    for (const [, counters] of entries) this.#setUnstored(counters, 0);
  }

  #forget(entries: readonly [string, Counters][]): void {
    for (const [keyId, { window }] of entries) {
      this.#counters.delete(keyId);
      this.#windows.giveBack(window);
    }
  }

  async #giveBack(entries: readonly [string, Counters][]): Promise<void> {
    const unspent = entries.flatMap(([keyId, { day, left }]): Lease[] =>
      left > 0 ? [{ keyId, day, calls: left }] : [],
    );
    for (let start = 0; start < unspent.length; start += WRITTEN_AT_A_TIME)
      await this.#days.giveBack(unspent.slice(start, start + WRITTEN_AT_A_TIME));
  }
}

function leftOn(counters: Counters, day: number): number {
  return counters.day === day ? counters.left : 0;
}

/**
 * Is it unknown how the day stands, or would more of its limit help this call? It does not where the minute refuses the
 * call anyway, nor where the day has no more.
 */
function needsRefill(counters: Counters, limit: number, { cost, minuteWait, today }: Demand): boolean {
  if (counters.day !== today) return true;
  return counters.left < cost && counters.taken < limit && minuteWait === 0;
}

/** Of today: whoever asks has seen to it that nothing has to be handed out first. */
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
