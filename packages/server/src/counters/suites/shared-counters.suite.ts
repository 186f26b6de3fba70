import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openSharedInstance, type SharedInstance } from '../../../test/harness/shared-instance.ts';
import {
  admittedByPerfection,
  type Call,
  mostInAMinute,
  totalOf,
} from '../../../test/harness/sliding-window.ts';
import type { MonotonicClock } from '../../domain/shared/clock.ts';
import type { QuotaCounters } from '../../domain/verification/limits/quota-counters.ts';
import { openSuiteDatabase } from '../../storage/suites/open-suite-database.ts';
import type { SuiteDatabase } from '../../storage/suites/suite-database.ts';
import { COUNTED_MS } from '../counter-store.ts';
import type { WhenDown } from '../shared-minutes.ts';
import type { SuiteServer } from './counter-store.suite.ts';
import { quotaCountersSuite, SuiteTime } from './quota-counters.suite.ts';

/** What instances promise together over a counter store. Time is that of the suite. */
export function sharedCountersSuite(server: () => SuiteServer): void {
  const openInstance = (
    database: SuiteDatabase,
    time: MonotonicClock,
    whenDown: WhenDown = 'share',
  ): Promise<SharedInstance> =>
    openSharedInstance({
      store: server().connect(() => time.monotonic()),
      days: database.storage.dayQuotas,
      clock: { monotonic: () => time.monotonic(), now: () => time.monotonic() },
      whenDown,
    });

  quotaCountersSuite(async (time) => {
    const database = await openSuiteDatabase();
    const opened: QuotaCounters[] = [];
    await server().flush();
    const open = async (): Promise<QuotaCounters> => {
      const { counters } = await openInstance(database, time);
      opened.push(counters);
      return counters;
    };
    return {
      counters: await open(),
      afterCrash: open,
      async close() {
        for (const counters of opened) await counters.close();
        await database.close();
      },
    };
  }, COUNTED_MS);

  describe('several instances', () => {
    let database: SuiteDatabase;

    beforeAll(async () => {
      database = await openSuiteDatabase();
    });
    afterAll(() => database.close());

    /** With `deny`, so that answers which are late on a busy machine admit nothing. */
    async function open(count: number, time: SuiteTime): Promise<SharedInstance[]> {
      await server().flush();
      const all = await Promise.all(
        Array.from({ length: count }, () => openInstance(database, time, 'deny')),
      );
      onTestFinished(async () => {
        for (const { counters } of all) await counters.close();
      });
      return all;
    }

    test.each([1, 2, 60, 1_000])(
      'three instances never admit more than %i in any 60 seconds, and at least 95 %% of what a perfect limiter does',
      async (limit) => {
        const time = new SuiteTime();
        const instances = await open(3, time);
        const key = {
          id: `key-${limit}`,
          workspaceId: 'ws',
          rateLimit: { requestsPerMinute: limit, requestsPerDay: null },
        };
        const asked: Call[] = [];
        const admitted: Call[] = [];
        const cost = Math.ceil(limit / 60);
        // Each minute: steady calls, then a pause, so that its last moments are in the next one too.
        for (let step = 0; step < 300; step++) {
          time.ms += step % 50 === 49 ? 20_137 : 997;
          const calls = instances.flatMap(({ counters }) => [counters, counters]);
          const states = await Promise.all(calls.map(async (counters) => counters.spend(key, cost, time.ms)));
          for (const { retryAfterSeconds } of states) {
            asked.push({ at: time.ms, cost });
            if (retryAfterSeconds === null) admitted.push({ at: time.ms, cost });
          }
        }
        expect(mostInAMinute(admitted)).toBeLessThanOrEqual(limit);
        expect(totalOf(admitted)).toBeGreaterThanOrEqual(0.95 * admittedByPerfection(asked, limit));
      },
    );

    test('calls of one moment with different costs are each admitted or denied by themselves', async () => {
      const [one] = await open(1, new SuiteTime());
      const key = {
        id: 'key',
        workspaceId: 'ws',
        rateLimit: { requestsPerMinute: 20, requestsPerDay: null },
      };
      const costs = [5, 3, 19, 2, 7, 1, 4, 1, 1];
      const states = await Promise.all(costs.map(async (cost) => one?.counters.spend(key, cost, 0)));
      const allowed = costs.filter((_, index) => states[index]?.retryAfterSeconds === null);
      // In their order: 19 and 4 find no room.
      expect(allowed).toEqual([5, 3, 2, 7, 1, 1, 1]);
    });

    test('a key that the store has denied is denied without a message until it can be admitted', async () => {
      const time = new SuiteTime();
      const [one, two] = await open(2, time);
      const key = { id: 'key', workspaceId: 'ws', rateLimit: { requestsPerMinute: 2, requestsPerDay: null } };
      const spend = (instance = one) => instance?.counters.spend(key, 1, time.ms);
      for (const instance of [one, one, two]) await spend(instance);
      for (const instance of [one, two]) expect(spend(instance)).toMatchObject({ minute: { remaining: 0 } });
      time.ms += COUNTED_MS - 1;
      expect(spend()).toMatchObject({ retryAfterSeconds: 1 });
      time.ms += 1;
      expect(await spend()).toMatchObject({ retryAfterSeconds: null });
    });
  });
}
