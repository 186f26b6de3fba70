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
/** Leases in one transaction: few, so that others get in between. */
const GIVEN_BACK_AT_A_TIME = 1_024;
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
 * Minutes are counted in memory. Days are counted in prepaid leases: a lease is written down before any of it is spent,
 * so a crash can strand quota and never add any, and most calls write nothing.
 */
export class LeasedCounters implements QuotaCounters {
  readonly #days: DayQuotaStore;
  readonly #idleLeasesMax: number;
  readonly #windows = new MinuteWindows();
  readonly #counters = new Map<string, Counters>();

  constructor(days: DayQuotaStore, idleLeasesMax = IDLE_LEASES_MAX) {
    this.#days = days;
    this.#idleLeasesMax = idleLeasesMax;
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
    const isIdle = ({ window, refill }: Counters) => refill === null && this.#windows.isIdle(window, now);
    const hasLease = (counters: Counters) => leftOn(counters, dayOf(now)) > 0;
    const idle = [...this.#counters].filter(([, counters]) => isIdle(counters));
    const leased = idle.filter(([, counters]) => hasLease(counters));
    const surplus = leased.slice(0, Math.max(0, leased.length - this.#idleLeasesMax));
    this.#forget([...idle.filter(([, counters]) => !hasLease(counters)), ...surplus]);
    await this.#giveBack(surplus);
  }

  async close(): Promise<void> {
    const all = [...this.#counters];
    this.#forget(all);
    await this.#giveBack(all);
  }

  /** Null where more of the day limit has to be handed out first. */
  #answer(key: LimitedKey, cost: number, now: number, isTaken: boolean): QuotaState | null {
    const { requestsPerMinute, requestsPerDay } = key.rateLimit;
    if (requestsPerMinute === null && requestsPerDay === null) return NO_QUOTA;
    const counters = this.#of(key.id);
    this.#windows.turnTo(counters.window, now);
    const today = dayOf(now);
    const minuteWait = this.#minuteWait(counters.window, requestsPerMinute, cost, now);
    if (requestsPerDay !== null && needsRefill(counters, requestsPerDay, { cost, minuteWait, today }))
      return null;
    const dayWait = isDayFree(counters, requestsPerDay, cost) ? 0 : msUntilNextDay(now);
    const wait = Math.max(minuteWait, dayWait);
    if (wait === 0 && isTaken) this.#take(counters, requestsPerDay, cost, now);
    return {
      minute: requestsPerMinute === null ? null : this.#minuteState(counters.window, requestsPerMinute, now),
      day: requestsPerDay === null ? null : dayState(counters, requestsPerDay, now),
      retryAfterSeconds: wait === 0 ? null : seconds(wait),
    };
  }

  #of(keyId: string): Counters {
    const known = this.#counters.get(keyId);
    if (known) return known;
    const counters: Counters = { window: this.#windows.take(), day: NO_DAY, taken: 0, left: 0, refill: null };
    this.#counters.set(keyId, counters);
    return counters;
  }

  /** Takes the cost from both limits. */
  #take(counters: Counters, requestsPerDay: number | null, cost: number, now: number): void {
    this.#windows.add(counters.window, cost, now);
    if (requestsPerDay !== null) counters.left -= cost;
  }

  /** Milliseconds until the minute limit lets the cost through; 0: now. A cost above the limit waits for a whole window. */
  #minuteWait(window: Window, limit: number | null, cost: number, now: number): number {
    if (limit === null || cost === 0 || this.#windows.used(window) + cost <= limit) return 0;
    return cost > limit ? MINUTE_WINDOW_MS : this.#windows.msUntilUsed(window, limit - cost, now);
  }

  #minuteState(window: Window, limit: number, now: number): LimitState {
    const used = this.#windows.used(window);
    const resetSeconds = used === 0 ? 0 : seconds(this.#windows.msUntilUsed(window, used - 1, now));
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
    const { granted, taken } = await this.#days.take(key, day, wanted, limit);
    counters.left = leftOn(counters, day) + granted;
    counters.taken = taken;
    counters.day = day;
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
    for (let start = 0; start < unspent.length; start += GIVEN_BACK_AT_A_TIME)
      await this.#days.giveBack(unspent.slice(start, start + GIVEN_BACK_AT_A_TIME));
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
