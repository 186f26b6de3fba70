import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RateLimit } from '../../domain/shared/caller.ts';
import type { MonotonicClock } from '../../domain/shared/clock.ts';
import type {
  LimitedKey,
  QuotaCounters,
  QuotaState,
} from '../../domain/verification/limits/quota-counters.ts';

/** Counters over a durable store of their own. */
export interface SuiteCounters {
  /** Measure minutes with the clock that they were opened with. */
  readonly counters: QuotaCounters;
  /** New counters over the same store, as after a crash: they share no memory with the old ones. */
  afterCrash(): QuotaCounters | Promise<QuotaCounters>;
  close(): Promise<void>;
}

const HOUR_MS = 3_600_000;
const NOON = Date.parse('2026-11-23T12:00:00.000Z');
const MIDNIGHT = Date.parse('2026-11-24T00:00:00.000Z');

/** A clock that is set by the test. */
export class SuiteTime implements MonotonicClock {
  ms = 0;

  monotonic(): number {
    return this.ms;
  }
}

/** The counters, with a monotonic clock that always equals `now`: as if the time of day were never adjusted. */
export function inStep(counters: QuotaCounters, time: SuiteTime): QuotaCounters {
  const passTo = (now: number): void => {
    time.ms = now;
  };
  return {
    spend(key, cost, now) {
      passTo(now);
      return counters.spend(key, cost, now);
    },
    peek(key, cost, now) {
      passTo(now);
      return counters.peek(key, cost, now);
    },
    sweep(now) {
      passTo(now);
      return counters.sweep(now);
    },
    close: () => counters.close(),
  };
}

async function spend(
  counters: QuotaCounters,
  key: LimitedKey,
  cost: number,
  now: number,
): Promise<QuotaState> {
  return counters.spend(key, cost, now);
}

/** The contract of every QuotaCounters implementation. A call counts for `countedMs` milliseconds, at least 60,000. */
export function quotaCountersSuite(
  open: (clock: MonotonicClock) => Promise<SuiteCounters>,
  countedMs = 60_000,
): void {
  /** The wait for a call that was made some milliseconds ago, in seconds. */
  const waitAfter = (ms = 0): number => Math.ceil((countedMs - ms) / 1_000);

  describe('QuotaCounters', () => {
    let time: SuiteTime;
    let opened: SuiteCounters;
    let suite: { counters: QuotaCounters; afterCrash(): Promise<QuotaCounters>; close(): Promise<void> };

    beforeEach(async () => {
      time = new SuiteTime();
      opened = await open(time);
      suite = {
        counters: inStep(opened.counters, time),
        afterCrash: async () => inStep(await opened.afterCrash(), time),
        close: () => opened.close(),
      };
    });
    afterEach(() => suite.close());

    const limited = (requestsPerMinute: number | null, requestsPerDay: number | null): LimitedKey => ({
      id: 'key',
      workspaceId: 'ws',
      rateLimit: { requestsPerMinute, requestsPerDay } satisfies RateLimit,
    });

    async function admitted(
      counters: QuotaCounters,
      key: LimitedKey,
      calls: number,
      now = NOON,
    ): Promise<number> {
      const states = await Promise.all(Array.from({ length: calls }, () => spend(counters, key, 1, now)));
      return states.filter(({ retryAfterSeconds }) => retryAfterSeconds === null).length;
    }

    test('a key without limits is never denied and has no state', async () => {
      const state = await spend(suite.counters, limited(null, null), 1_000_000, NOON);
      expect(state).toEqual({ minute: null, day: null, retryAfterSeconds: null });
    });

    test('returns the remaining quota and when the limits reset', async () => {
      expect(await spend(suite.counters, limited(5, 7), 1, NOON)).toEqual({
        minute: { limit: 5, remaining: 4, resetSeconds: waitAfter() },
        day: { limit: 7, remaining: 6, resetSeconds: 43_200 },
        retryAfterSeconds: null,
      });
    });

    test('concurrent calls never take more than the limits in total', async () => {
      expect(await admitted(suite.counters, limited(10, null), 100)).toBe(10);
      expect(await admitted(suite.counters, { ...limited(null, 230), id: 'day' }, 500)).toBe(230);
      expect(await admitted(suite.counters, { ...limited(20, 15), id: 'both' }, 100)).toBe(15);
    });

    test('a denial returns the wait of the limit that resets last, and a call after that wait is allowed', async () => {
      const key = limited(2, null);
      await admitted(suite.counters, key, 2, NOON + 500);
      const { retryAfterSeconds } = await spend(suite.counters, key, 1, NOON + 1_000);
      expect(retryAfterSeconds).toBe(waitAfter(500));
      expect(await admitted(suite.counters, key, 3, NOON + 1_000 + (retryAfterSeconds ?? 0) * 1_000)).toBe(2);
      await admitted(suite.counters, { ...limited(1, 1), id: 'b' }, 1);
      expect(await spend(suite.counters, { ...limited(1, 1), id: 'b' }, 1, NOON)).toMatchObject({
        retryAfterSeconds: 43_200,
      });
    });

    test('a wait for the minute limit is no longer when the day limit has calls left', async () => {
      const key = limited(2, 3);
      await admitted(suite.counters, key, 2);
      expect((await spend(suite.counters, key, 1, NOON)).retryAfterSeconds).toBe(waitAfter());
    });

    test('a denied call takes nothing from either limit', async () => {
      const key = limited(1, 100);
      await admitted(suite.counters, key, 50);
      expect((await spend(suite.counters, key, 0, NOON)).day?.remaining).toBe(99);
    });

    test('takes a cost whole or not at all; a cost of 0 takes nothing and is never denied', async () => {
      const key = limited(10, 10);
      expect(await spend(suite.counters, key, 7, NOON)).toMatchObject({
        minute: { remaining: 3 },
        day: { remaining: 3 },
      });
      expect((await spend(suite.counters, key, 4, NOON)).retryAfterSeconds).not.toBeNull();
      expect(await spend(suite.counters, key, 3, NOON)).toMatchObject({
        minute: { remaining: 0 },
        day: { remaining: 0 },
      });
      expect((await spend(suite.counters, key, 0, NOON)).retryAfterSeconds).toBeNull();
      expect((await spend(suite.counters, key, 11, NOON)).retryAfterSeconds).not.toBeNull();
    });

    test('peek returns the same as spend and takes nothing', async () => {
      const key = limited(2, 500);
      for (let calls = 0; calls < 5; calls++) {
        expect(await suite.counters.peek(key, 2, NOON)).toEqual({
          minute: { limit: 2, remaining: 2, resetSeconds: 0 },
          day: { limit: 500, remaining: 500, resetSeconds: 43_200 },
          retryAfterSeconds: null,
        });
      }
      expect(await admitted(suite.counters, key, 5)).toBe(2);
      expect(await suite.counters.peek(key, 1, NOON)).toEqual(await spend(suite.counters, key, 1, NOON));
      expect((await suite.counters.peek(key, 0, NOON)).retryAfterSeconds).toBeNull();
    });

    test('the day begins at 00:00 UTC with the whole limit', async () => {
      const key = limited(null, 3);
      expect(await admitted(suite.counters, key, 5, MIDNIGHT - 1)).toBe(3);
      expect(await admitted(suite.counters, key, 5, MIDNIGHT)).toBe(3);
    });

    test('a lowered limit applies at once; a raised one keeps the calls already used', async () => {
      await admitted(suite.counters, limited(10, 10), 6);
      expect(await admitted(suite.counters, limited(5, 10), 1)).toBe(0);
      expect(await admitted(suite.counters, limited(10, 5), 1)).toBe(0);
      expect(await admitted(suite.counters, limited(10, 8), 10)).toBe(2);
      expect(await admitted(suite.counters, limited(10, 20), 10)).toBe(2);
    });

    test('after a crash a key has no more of its day limit than before, and loses at most one lease of it', async () => {
      for (const limit of [1, 7, 100, 2_000]) {
        const key = { ...limited(null, limit), id: `key-${limit}` };
        const used = Math.ceil(limit / 3);
        await admitted(suite.counters, key, used);
        const left = await admitted(await suite.afterCrash(), key, limit);
        expect(left).toBeLessThanOrEqual(limit - used);
        expect(left).toBeGreaterThanOrEqual(limit - used - Math.ceil(limit / 100));
      }
    });

    test('closing, or sweeping idle keys, neither loses nor adds calls of the day limit', async () => {
      const key = limited(null, 1_000);
      await admitted(suite.counters, key, 5);
      await suite.counters.sweep(NOON + 60_000);
      expect((await spend(suite.counters, key, 1, NOON + 60_000)).day?.remaining).toBe(994);
      await suite.counters.close();
      expect((await spend(await suite.afterCrash(), key, 1, NOON + 60_000)).day?.remaining).toBe(993);
    });

    test('the remaining day quota is exact after a sweep, also for a call whose cost is above the minute limit', async () => {
      const key = limited(10, 100);
      await admitted(suite.counters, key, 5);
      await suite.counters.sweep(NOON + countedMs);
      const denied = await spend(suite.counters, key, 11, NOON + countedMs);
      expect(denied).toMatchObject({ minute: { remaining: 10 }, day: { remaining: 95 } });
      expect(denied.retryAfterSeconds).toBe(60);
    });

    test.each([
      ['back', -HOUR_MS],
      ['forward', HOUR_MS],
      ['back, over midnight', -13 * HOUR_MS],
    ])(
      'setting the clock %s by hours neither resets the minute limit nor makes a wait longer than a minute',
      async (_way, shift) => {
        const { counters } = opened;
        const key = limited(2, null);
        time.ms = 1_000;
        expect(await admitted(counters, key, 5, NOON)).toBe(2);
        time.ms = 2_000;
        const denied = await spend(counters, key, 1, NOON + shift);
        const wait = waitAfter(1_000);
        expect(denied).toMatchObject({
          retryAfterSeconds: wait,
          minute: { remaining: 0, resetSeconds: wait },
        });
        time.ms = 999 + countedMs;
        await counters.sweep(NOON + shift);
        expect(await admitted(counters, key, 1, NOON + shift)).toBe(0);
        time.ms = 1_000 + countedMs;
        expect(await admitted(counters, key, 5, NOON + shift)).toBe(2);
      },
    );

    test('the day limit follows the time of day, also when that is set back', async () => {
      const { counters } = opened;
      const key = limited(null, 3);
      expect(await admitted(counters, key, 2, MIDNIGHT - 1)).toBe(2);
      expect(await admitted(counters, key, 5, MIDNIGHT)).toBe(3);
      expect(await admitted(counters, key, 5, MIDNIGHT - 1)).toBe(1);
    });

    test('a sweep does not drop keys in use', async () => {
      const key = limited(3, null);
      await admitted(suite.counters, key, 3);
      await suite.counters.sweep(NOON + 59_999);
      expect(await admitted(suite.counters, key, 1, NOON + 59_999)).toBe(0);
    });
  });
}
