import { expect } from 'vitest';
import type { LimitState, QuotaState } from '../../../src/domain/verification/limits/quota-counters.ts';
import type { KeyDecision } from '../../../src/domain/verification/verify.ts';

const MINUTE_MS = 60_000;
/** A call may count for so much longer than a minute. */
const SAFE_SIDE_MS = 1_000;
const DAY_MS = 86_400_000;

interface Call {
  readonly at: number;
  readonly cost: number;
  /** The key had a minute limit then. */
  readonly isLimited: boolean;
}

/**
 * What each key was allowed, call by call. A limit counts the calls since it was set: what a key without it does is not
 * held against it later, though calls of a key with another limit may be, by the minute.
 */
export class ObviousLimiter {
  readonly #minutes = new Map<string, Call[]>();
  readonly #days = new Map<string, number>();

  /** Fails the test when the quota in the answer is impossible under the limits of the key. */
  check({ key }: KeyDecision, cost: number, now: number, actual: QuotaState): void {
    const calls = this.#recent(key.id, now);
    const day = `${key.id} ${Math.floor(now / DAY_MS)}`;
    const usedToday = this.#days.get(day) ?? 0;
    const isAllowed = actual.retryAfterSeconds === null;
    const { requestsPerMinute, requestsPerDay } = key.rateLimit;
    const fitsDay = fits(usedToday, cost, requestsPerDay);
    if (isAllowed) {
      expect(fitsDay && fits(usedInMinute(calls, now), cost, requestsPerMinute)).toBe(true);
      const isLimited = requestsPerMinute !== null;
      if (isLimited || requestsPerDay !== null) calls.push({ at: now, cost, isLimited });
      if (requestsPerDay !== null) this.#days.set(day, usedToday + cost);
    } else {
      expect(fitsDay && fits(total(calls), cost, requestsPerMinute)).toBe(false);
    }
    expectLeft(actual.day, requestsPerDay, this.#days.get(day) ?? 0);
    expectBetween(actual.minute, requestsPerMinute, calls, now);
  }

  #recent(keyId: string, now: number): Call[] {
    const calls = this.#minutes.get(keyId) ?? [];
    const recent = calls.filter(({ at }) => at > now - MINUTE_MS - SAFE_SIDE_MS);
    this.#minutes.set(keyId, recent);
    return recent;
  }
}

function fits(used: number, cost: number, limit: number | null): boolean {
  return limit === null || cost === 0 || used + cost <= limit;
}

function usedInMinute(calls: readonly Call[], now: number): number {
  return total(calls.filter(({ at, isLimited }) => isLimited && at > now - MINUTE_MS));
}

function total(calls: readonly Call[]): number {
  return calls.reduce((used, { cost }) => used + cost, 0);
}

function expectLeft(actual: LimitState | null, limit: number | null, used: number): void {
  expect(actual?.remaining ?? null).toBe(limit === null ? null : Math.max(0, limit - used));
}

function expectBetween(actual: LimitState | null, limit: number | null, calls: Call[], now: number): void {
  expect(actual === null).toBe(limit === null);
  if (limit === null || actual === null) return;
  expect(actual.remaining).toBeGreaterThanOrEqual(Math.max(0, limit - total(calls)));
  expect(actual.remaining).toBeLessThanOrEqual(Math.max(0, limit - usedInMinute(calls, now)));
}
