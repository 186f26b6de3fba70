import type { MonotonicClock } from '../domain/shared/clock.ts';
import { withTimeout } from '../domain/shared/with-timeout.ts';
import { type DayQuotaStore, dayOf, msUntilNextDay } from '../domain/verification/limits/day-quota-store.ts';
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
  waitSeconds,
} from '../domain/verification/limits/quota-counters.ts';
import {
  type DayLease,
  type DayLeaseOptions,
  DayLeases,
  dayState,
  isDayFree,
  leftOn,
  NO_DAY,
  needsRefill,
} from './day-leases.ts';

/** Milliseconds to wait for the store: long enough for a slow store, shorter than the timeouts of gateways. */
const WAIT_MS_MAX = 1_000;
/** Leases kept for idle keys, about 400 bytes each. Without one, the next call of a key waits for a commit. */
const IDLE_LEASES_MAX = 65_536;

/** The counters of a key. */
interface Counters extends DayLease {
  readonly window: Window;
}

export interface LeaseOptions extends DayLeaseOptions {
  /** The most leases that are kept for idle keys while this is the only instance. With several, none are. */
  readonly idleLeasesMax?: number;
}

/**
 * Minutes are counted in memory on a monotonic clock, so that no wait is longer than the window. Days are counted in
 * prepaid leases, so that a crash can lose quota but never add any, and most calls write nothing.
 */
export class LeasedCounters implements QuotaCounters {
  readonly #clock: MonotonicClock;
  readonly #idleLeasesMax: number;
  readonly #instances: () => number;
  readonly #leases: DayLeases;
  readonly #windows = new MinuteWindows();
  readonly #counters = new Map<string, Counters>();

  constructor(
    days: DayQuotaStore,
    clock: MonotonicClock,
    { idleLeasesMax = IDLE_LEASES_MAX, instances = () => 1, unstoredKeysMax }: LeaseOptions = {},
  ) {
    this.#clock = clock;
    this.#idleLeasesMax = idleLeasesMax;
    this.#instances = instances;
    this.#leases = new DayLeases(days, { instances, unstoredKeysMax });
  }

  spend(key: LimitedKey, cost: number, now: number): QuotaState | Promise<QuotaState> {
    return this.#answer(key, cost, now, true) ?? this.#answerLater(key, cost, now, true);
  }

  peek(key: LimitedKey, cost: number, now: number): QuotaState | Promise<QuotaState> {
    return this.#answer(key, cost, now, false) ?? this.#answerLater(key, cost, now, false);
  }

  /** Returns calls to the day limit that `spend` took at `now`, and that were not made after all. */
  refund(keyId: string, cost: number, now: number): void {
    const counters = this.#counters.get(keyId);
    if (counters?.day === dayOf(now)) counters.left += cost;
  }

  async sweep(now: number): Promise<void> {
    const at = this.#clock.monotonic();
    const isIdle = ({ window, refill, unstored }: Counters) =>
      refill === null && unstored === 0 && this.#windows.isIdle(window, at);
    const hasLease = (counters: Counters) => leftOn(counters, dayOf(now)) > 0;
    const idle = [...this.#counters].filter(([, counters]) => isIdle(counters));
    const leased = idle.filter(([, counters]) => hasLease(counters));
    // Other instances can use what an idle key holds here.
    const keptMax = this.#instances() > 1 ? 0 : this.#idleLeasesMax;
    const surplus = leased.slice(0, Math.max(0, leased.length - keptMax));
    this.#drop([...idle.filter(([, counters]) => !hasLease(counters)), ...surplus]);
    await this.#leases.giveBack(surplus);
    await this.#leases.storeAll(this.#counters);
  }

  async close(): Promise<void> {
    await this.#leases.storeAll(this.#counters);
    const all = [...this.#counters];
    this.#drop(all);
    await this.#leases.giveBack(all);
  }

  /** Null when a lease of the day limit must be read or taken first. */
  #answer(key: LimitedKey, cost: number, now: number, isTaken: boolean): QuotaState | null {
    const { requestsPerMinute, requestsPerDay } = key.rateLimit;
    if (requestsPerMinute === null && requestsPerDay === null) return NO_QUOTA;
    const counters = this.#of(key.id);
    const at = this.#clock.monotonic();
    this.#windows.turnTo(counters.window, at);
    const minuteWait = this.#minuteWait(counters.window, requestsPerMinute, cost, at);
    // At cost 0, so that no lease is taken for a call that the minute limit denies.
    const dayCost = minuteWait > 0 ? 0 : cost;
    if (requestsPerDay !== null && needsRefill(counters, requestsPerDay, dayCost, dayOf(now))) return null;
    const dayWait = isDayFree(counters, requestsPerDay, cost) ? 0 : msUntilNextDay(now);
    const wait = Math.max(minuteWait, dayWait);
    if (wait === 0 && isTaken) this.#take(counters, requestsPerDay, cost, at);
    return {
      minute: requestsPerMinute === null ? null : this.#minuteState(counters.window, requestsPerMinute, at),
      day: requestsPerDay === null ? null : dayState(counters, requestsPerDay, now),
      retryAfterSeconds: wait === 0 ? null : waitSeconds(wait),
    };
  }

  async #answerLater(key: LimitedKey, cost: number, now: number, isTaken: boolean): Promise<QuotaState> {
    for (;;) {
      await withTimeout(this.#leases.refill(this.#of(key.id), key, cost, now), WAIT_MS_MAX);
      const state = this.#answer(key, cost, now, isTaken);
      if (state) return state;
    }
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
    const resetSeconds = used === 0 ? 0 : waitSeconds(this.#windows.msUntilUsed(window, used - 1, at));
    return { limit, remaining: Math.max(0, limit - used), resetSeconds };
  }

  #drop(entries: readonly [string, Counters][]): void {
    for (const [keyId, { window }] of entries) {
      this.#counters.delete(keyId);
      this.#windows.giveBack(window);
    }
  }
}
