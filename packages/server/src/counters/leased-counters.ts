import { type DayQuotaStore, dayOf, msUntilNextDay } from '../domain/verification/limits/day-quota-store.ts';
import { MINUTE_WINDOW_MS, type MinuteWindow } from '../domain/verification/limits/minute-window.ts';
import {
  type LimitedKey,
  type LimitState,
  NO_QUOTA,
  type QuotaCounters,
  type QuotaState,
} from '../domain/verification/limits/quota-counters.ts';
import { MinuteWindows } from './minute-windows.ts';

/** A hundredth of the day limit is set aside at a time: that much a crash can lose, and never give twice. */
const LEASES_PER_DAY = 100;
/** Calls at the same time may share a commit; more of them would keep others from it. */
const GIVEN_BACK_AT_A_TIME = 100;

/** A part of the day limit that is handed out to this process. */
interface DayLease {
  readonly day: number;
  /** Handed out of the day's limit in all, spent or not. */
  taken: number;
  /** Handed out to this process and not spent. */
  left: number;
}

interface Counters {
  readonly window: MinuteWindow;
  lease: DayLease;
  refill: Promise<void> | null;
  lastSpentAt: number;
}

/**
 * Minutes are counted in memory. Days are counted in prepaid leases: a lease is written down before any of it is spent,
 * so a crash can strand quota and never add any, and most calls write nothing.
 */
export class LeasedCounters implements QuotaCounters {
  readonly #days: DayQuotaStore;
  readonly #windows = new MinuteWindows();
  readonly #counters = new Map<string, Counters>();

  constructor(days: DayQuotaStore) {
    this.#days = days;
  }

  trySpend(key: LimitedKey, cost: number, now: number): QuotaState | null {
    return this.#tryAnswer(key, cost, now, take);
  }

  spend(key: LimitedKey, cost: number, now: number): Promise<QuotaState> {
    return this.#answer(key, cost, now, take);
  }

  peek(key: LimitedKey, cost: number, now: number): Promise<QuotaState> {
    return this.#answer(key, cost, now, () => {});
  }

  async sweep(now: number): Promise<void> {
    const idle = [...this.#counters].filter(([, counters]) => now - counters.lastSpentAt >= MINUTE_WINDOW_MS);
    await this.#release(idle);
  }

  async close(): Promise<void> {
    await this.#release([...this.#counters]);
  }

  async #answer(key: LimitedKey, cost: number, now: number, onFree: typeof take): Promise<QuotaState> {
    for (;;) {
      const state = this.#tryAnswer(key, cost, now, onFree);
      if (state) return state;
      await this.#refillOnce(this.#of(key.id, now), key, cost, now);
    }
  }

  #tryAnswer(key: LimitedKey, cost: number, now: number, onFree: typeof take): QuotaState | null {
    if (isUnlimited(key)) return NO_QUOTA;
    const counters = this.#of(key.id, now);
    if (needsRefill(counters, key, cost, now)) return null;
    const wait = Math.max(minuteWait(counters, key, cost, now), dayWait(counters, key, cost, now));
    if (wait === 0) onFree(counters, key, cost, now);
    return {
      minute: minuteState(counters, key, now),
      day: dayState(counters, key, now),
      retryAfterSeconds: wait === 0 ? null : seconds(wait),
    };
  }

  #of(keyId: string, now: number): Counters {
    const known = this.#counters.get(keyId);
    if (known) {
      known.lastSpentAt = now;
      return known;
    }
    const lease = { day: Number.NEGATIVE_INFINITY, taken: 0, left: 0 };
    const counters: Counters = { window: this.#windows.take(), lease, refill: null, lastSpentAt: now };
    this.#counters.set(keyId, counters);
    return counters;
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
    const wanted = Math.max(cost - leftOn(counters.lease, day), Math.ceil(limit / LEASES_PER_DAY));
    const { granted, taken } = await this.#days.take(key, day, wanted, limit);
    counters.lease = { day, taken, left: leftOn(counters.lease, day) + granted };
  }

  async #release(entries: readonly [string, Counters][]): Promise<void> {
    for (const [keyId, { window }] of entries) {
      this.#counters.delete(keyId);
      this.#windows.giveBack(window);
    }
    const unspent = entries.filter(([, { lease }]) => lease.left > 0);
    for (let start = 0; start < unspent.length; start += GIVEN_BACK_AT_A_TIME) {
      const some = unspent.slice(start, start + GIVEN_BACK_AT_A_TIME);
      await Promise.all(some.map(([keyId, { lease }]) => this.#days.giveBack(keyId, lease.day, lease.left)));
    }
  }
}

function isUnlimited({ rateLimit }: LimitedKey): boolean {
  return rateLimit.requestsPerMinute === null && rateLimit.requestsPerDay === null;
}

function leftOn(lease: DayLease, day: number): number {
  return lease.day === day ? lease.left : 0;
}

/**
 * Is it unknown how the day stands, or would more of its limit help this call? It does not where the minute refuses the
 * call anyway, nor where the day has no more.
 */
function needsRefill(counters: Counters, key: LimitedKey, cost: number, now: number): boolean {
  const limit = key.rateLimit.requestsPerDay;
  if (limit === null) return false;
  const { lease } = counters;
  if (lease.day !== dayOf(now)) return true;
  return lease.left < cost && lease.taken < limit && minuteWait(counters, key, cost, now) === 0;
}

/** Takes the cost from both limits. */
function take(counters: Counters, key: LimitedKey, cost: number, now: number): void {
  counters.window.add(cost, now);
  if (key.rateLimit.requestsPerDay !== null) counters.lease.left -= cost;
}

/** Milliseconds until the minute limit lets the cost through; 0: now. A cost above the limit waits for a whole window. */
function minuteWait({ window }: Counters, { rateLimit }: LimitedKey, cost: number, now: number): number {
  const limit = rateLimit.requestsPerMinute;
  if (limit === null || cost === 0 || window.used(now) + cost <= limit) return 0;
  return cost > limit ? MINUTE_WINDOW_MS : window.msUntilUsed(limit - cost, now);
}

function dayWait(counters: Counters, key: LimitedKey, cost: number, now: number): number {
  const limit = key.rateLimit.requestsPerDay;
  const isFree = limit === null || cost === 0 || spentToday(counters, now) + cost <= limit;
  return isFree ? 0 : msUntilNextDay(now);
}

function spentToday({ lease }: Counters, now: number): number {
  return lease.day === dayOf(now) ? lease.taken - lease.left : 0;
}

function minuteState({ window }: Counters, { rateLimit }: LimitedKey, now: number): LimitState | null {
  const limit = rateLimit.requestsPerMinute;
  if (limit === null) return null;
  const used = window.used(now);
  const resetSeconds = used === 0 ? 0 : seconds(window.msUntilUsed(used - 1, now));
  return { limit, remaining: Math.max(0, limit - used), resetSeconds };
}

function dayState(counters: Counters, { rateLimit }: LimitedKey, now: number): LimitState | null {
  const limit = rateLimit.requestsPerDay;
  if (limit === null) return null;
  const remaining = Math.max(0, limit - spentToday(counters, now));
  return { limit, remaining, resetSeconds: seconds(msUntilNextDay(now)) };
}

function seconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000));
}
