import { type DayQuotaStore, dayOf, msUntilNextDay } from '../domain/verification/limits/day-quota-store.ts';
import { MINUTE_WINDOW_MS, MinuteWindow } from '../domain/verification/limits/minute-window.ts';
import {
  type LimitedKey,
  type LimitState,
  NO_QUOTA,
  type QuotaCounters,
  type QuotaState,
} from '../domain/verification/limits/quota-counters.ts';

/** A hundredth of the day limit is set aside at a time: that much a crash can lose, and never give twice. */
const LEASES_PER_DAY = 100;

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
  readonly #counters = new Map<string, Counters>();

  constructor(days: DayQuotaStore) {
    this.#days = days;
  }

  async spend(key: LimitedKey, cost: number, now: number): Promise<QuotaState> {
    if (isUnlimited(key)) return NO_QUOTA;
    const counters = this.#of(key.id, now);
    if (key.rateLimit.requestsPerDay !== null && minuteWait(counters, key, cost, now) === 0) {
      await this.#ensureLease(counters, key, key.rateLimit.requestsPerDay, cost, now);
    }
    return spendNow(counters, key, cost, now);
  }

  async sweep(now: number): Promise<void> {
    const idle = [...this.#counters].filter(([, counters]) => now - counters.lastSpentAt >= MINUTE_WINDOW_MS);
    await this.#release(idle);
  }

  async close(): Promise<void> {
    await this.#release([...this.#counters]);
  }

  #of(keyId: string, now: number): Counters {
    const known = this.#counters.get(keyId);
    if (known) {
      known.lastSpentAt = now;
      return known;
    }
    const lease = { day: Number.NEGATIVE_INFINITY, taken: 0, left: 0 };
    const counters: Counters = { window: new MinuteWindow(), lease, refill: null, lastSpentAt: now };
    this.#counters.set(keyId, counters);
    return counters;
  }

  /** Afterwards the lease is of today, and holds `cost` unless the day has no more to hand out. */
  async #ensureLease(
    counters: Counters,
    key: LimitedKey,
    limit: number,
    cost: number,
    now: number,
  ): Promise<void> {
    while (needsRefill(counters.lease, limit, cost, now)) {
      counters.refill ??= this.#refill(counters, key, limit, cost, now).finally(() => {
        counters.refill = null;
      });
      await counters.refill;
    }
  }

  async #refill(
    counters: Counters,
    key: LimitedKey,
    limit: number,
    cost: number,
    now: number,
  ): Promise<void> {
    const day = dayOf(now);
    const wanted = Math.max(cost - leftOn(counters.lease, day), Math.ceil(limit / LEASES_PER_DAY));
    const { granted, taken } = await this.#days.take(key, day, wanted, limit);
    counters.lease = { day, taken, left: leftOn(counters.lease, day) + granted };
  }

  async #release(entries: readonly [string, Counters][]): Promise<void> {
    for (const [keyId] of entries) this.#counters.delete(keyId);
    for (const [keyId, { lease }] of entries) {
      if (lease.left > 0) await this.#days.giveBack(keyId, lease.day, lease.left);
    }
  }
}

function isUnlimited({ rateLimit }: LimitedKey): boolean {
  return rateLimit.requestsPerMinute === null && rateLimit.requestsPerDay === null;
}

function leftOn(lease: DayLease, day: number): number {
  return lease.day === day ? lease.left : 0;
}

function needsRefill(lease: DayLease, limit: number, cost: number, now: number): boolean {
  if (lease.day !== dayOf(now)) return true;
  return lease.left < cost && lease.taken < limit;
}

/** Takes the cost from both limits or from neither. Nothing is awaited here, so no other call can come between. */
function spendNow(counters: Counters, key: LimitedKey, cost: number, now: number): QuotaState {
  const wait = Math.max(minuteWait(counters, key, cost, now), dayWait(counters, key, cost, now));
  if (wait === 0) {
    counters.window.add(cost, now);
    if (key.rateLimit.requestsPerDay !== null) counters.lease.left -= cost;
  }
  return {
    minute: minuteState(counters, key, now),
    day: dayState(counters, key, now),
    retryAfterSeconds: wait === 0 ? null : seconds(wait),
  };
}

/** Milliseconds until the minute limit lets the cost through; 0: now. A cost above the limit waits for a whole window. */
function minuteWait({ window }: Counters, { rateLimit }: LimitedKey, cost: number, now: number): number {
  const limit = rateLimit.requestsPerMinute;
  if (limit === null || cost === 0 || window.used(now) + cost <= limit) return 0;
  return cost > limit ? MINUTE_WINDOW_MS : window.msUntilUsed(limit - cost, now);
}

function dayWait(counters: Counters, key: LimitedKey, cost: number, now: number): number {
  const limit = key.rateLimit.requestsPerDay;
  if (limit === null || cost === 0) return 0;
  const isThere = leftOn(counters.lease, dayOf(now)) >= cost && spentToday(counters, now) + cost <= limit;
  return isThere ? 0 : msUntilNextDay(now);
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
