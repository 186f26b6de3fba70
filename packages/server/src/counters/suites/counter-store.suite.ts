import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Ask, COUNTED_MS, type CounterStore, INSTANCE_ALIVE_MS, REFILL_MS } from '../counter-store.ts';

/** A server of counters, and how to reach it. */
export interface SuiteServer {
  /** A connection of its own, whose store uses this clock instead of its own. */
  connect(now: () => number): CounterStore;
  /** Deletes all data, as an empty restart does. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

const START = Date.parse('2026-11-23T12:00:00.000Z');
const DEFAULTS = { keyId: 'key', limit: 10, cost: 1, count: 1, added: 0, returned: 0, returnedAt: 0 };

/** What a counter of 61 cells must do, as a list of calls. */
class ListOfCalls {
  #calls: { at: number; cost: number }[] = [];

  count({ limit, cost, count }: Ask, now: number): number {
    const counting = this.#calls.filter((call) => this.#cellEnd(call.at) > now);
    const used = counting.reduce((sum, call) => sum + call.cost, 0);
    const admitted = Math.max(0, Math.min(count, Math.floor((limit - used) / cost)));
    if (admitted > 0) this.#calls.push({ at: now, cost: admitted * cost });
    return admitted;
  }

  /** A call counts until the latest call of its second does not. */
  #cellEnd(at: number): number {
    const second = Math.floor(at / 1_000);
    const same = this.#calls.filter((call) => Math.floor(call.at / 1_000) === second);
    return Math.max(...same.map((call) => call.at)) + COUNTED_MS;
  }
}

/** The contract of every CounterStore. */
export function counterStoreSuite(server: () => SuiteServer): void {
  describe('CounterStore', () => {
    let store: CounterStore;
    let other: CounterStore;
    let now: number;
    let epoch: string;

    beforeAll(async () => {
      store = server().connect(() => now);
      other = server().connect(() => now);
    });
    afterAll(async () => {
      await store.close();
      await other.close();
    });
    beforeEach(async () => {
      now = START;
      await expect
        .poll(() =>
          other.join(as('other')).then(
            () => true,
            () => false,
          ),
        )
        .toBe(true);
      await expect
        .poll(() =>
          store.join(as('one')).then(
            () => true,
            () => false,
          ),
        )
        .toBe(true);
      await server().flush();
      epoch = (await store.join(as('one'))).epoch;
    });
    afterEach(() => server().flush());

    const as = (instance: string, known: string | null = null, isClockSet = false) => ({
      instance,
      epoch: known,
      isClockSet,
    });

    async function ask(changes: Partial<Ask> = {}, through = store) {
      const { counted } = await through.count(epoch, [{ ...DEFAULTS, ...changes }]);
      return counted[0] ?? expect.unreachable();
    }

    test('admits a limit in total over all instances, however their calls overlap', async () => {
      const asked = Array.from({ length: 60 }, (_, index) =>
        ask({ limit: 100, count: 7 }, index % 2 ? store : other),
      );
      const admitted = (await Promise.all(asked)).reduce((sum, counted) => sum + counted.admitted, 0);
      expect(admitted).toBe(100);
    });

    test('counts many keys in one message, each by itself, and answers in the order of the asks', async () => {
      const keyIds = ['b', 'c', 'a', ...Array.from({ length: 300 }, (_, index) => `key-${299 - index}`)];
      const asks = keyIds.map((keyId, index) => ({ ...DEFAULTS, keyId, count: index % 20 }));
      const { counted } = await store.count(epoch, asks);
      expect(counted.map(({ admitted }) => admitted)).toEqual(asks.map(({ count }) => Math.min(count, 10)));
    });

    test('returns what counts, when some of it ends, and how long a further call has to wait', async () => {
      expect(await ask({ count: 0 })).toEqual({ admitted: 0, used: 0, resetMs: 0, waitMs: 0 });
      expect(await ask({ count: 4 })).toEqual({ admitted: 4, used: 4, resetMs: COUNTED_MS, waitMs: 0 });
      now += 2_500;
      expect(await ask({ cost: 3, count: 4 })).toEqual({
        admitted: 2,
        used: 10,
        resetMs: COUNTED_MS - 2_500,
        waitMs: COUNTED_MS - 2_500,
      });
      // Five are free only when the second cell ends too.
      expect(await ask({ cost: 5, count: 0 })).toMatchObject({ waitMs: COUNTED_MS });
      expect(await ask({ cost: 5, count: 0, limit: 11 })).toMatchObject({ waitMs: COUNTED_MS - 2_500 });
      expect(await ask({ cost: 11, count: 1 })).toMatchObject({ admitted: 0, waitMs: COUNTED_MS });
      expect(await ask({ count: 1, limit: 5 })).toMatchObject({ admitted: 0, used: 10 });
    });

    test('a call counts until it is 60.1 seconds old, and those of its second with it', async () => {
      now += 100;
      await ask({ count: 3 });
      now += 800;
      await ask({ count: 3 });
      now += COUNTED_MS - 1;
      expect((await ask({ count: 0 })).used).toBe(6);
      now += 1;
      expect((await ask({ count: 0 })).used).toBe(0);
      expect((await ask({ count: 100 })).admitted).toBe(10);
    });

    test('decides as a list of all calls would', async () => {
      let run = 0;
      const step = fc.record({
        gap: fc.oneof(fc.nat(5), fc.nat(3_000), fc.nat(70_000)),
        limit: fc.integer({ min: 1, max: 30 }),
        cost: fc.integer({ min: 1, max: 5 }),
        count: fc.integer({ min: 1, max: 20 }),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
          const model = new ListOfCalls();
          const keyId = `run-${run++}`;
          for (const { gap, ...changes } of steps) {
            now += gap;
            const given = { ...DEFAULTS, keyId, ...changes };
            expect((await ask(given)).admitted).toBe(model.count(given, now));
          }
        }),
        { numRuns: 25 },
      );
    });

    test('what was admitted without the store counts, also above the limit', async () => {
      expect(await ask({ count: 2, added: 9 })).toMatchObject({ admitted: 1, used: 10 });
      expect(await ask({ count: 2, added: 9 })).toMatchObject({ admitted: 0, used: 19 });
    });

    test('what is returned no longer counts, but only if it was counted in that second', async () => {
      await ask({ count: 6 });
      const returnedAt = now;
      now += 1_500;
      await ask({ count: 4 });
      expect(await ask({ count: 9, returned: 5, returnedAt })).toMatchObject({ admitted: 5, used: 10 });
      expect(await ask({ count: 0, returned: 9, returnedAt: returnedAt - 1_000 })).toMatchObject({
        used: 10,
      });
      expect(await ask({ count: 0, returned: 9, returnedAt })).toMatchObject({ used: 9 });
    });

    test('a clock that goes back neither frees nor loses calls', async () => {
      await ask({ count: 5 });
      now -= 30_000;
      expect(await ask({ count: 9 })).toMatchObject({ admitted: 5, used: 10 });
      now += 30_000 + COUNTED_MS;
      expect(await ask({ count: 0 })).toMatchObject({ used: 0 });
    });

    test('counts nothing under another epoch, and names its own', async () => {
      const { counted, ...answer } = await store.count('another', [DEFAULTS]);
      expect(counted).toEqual([]);
      expect(answer).toEqual({ now, epoch });
      expect((await ask({ count: 0 })).used).toBe(0);
      await server().flush();
      expect((await store.count(epoch, [DEFAULTS])).epoch).toBeNull();
    });

    test('after an empty restart all instances wait until the store has seen a minute, also new ones', async () => {
      await server().flush();
      const first = await store.join(as('one', epoch));
      expect(first.epoch).not.toBe(epoch);
      expect(first.refillMs).toBe(REFILL_MS);
      now += 1_000;
      expect(await other.join(as('other', epoch))).toMatchObject({
        epoch: first.epoch,
        refillMs: REFILL_MS - 1_000,
      });
      expect(await other.join(as('new'))).toMatchObject({ refillMs: REFILL_MS - 1_000 });
      now += REFILL_MS;
      expect(await other.join(as('late', 'long gone'))).toMatchObject({ refillMs: 0 });
    });

    test('a new instance does not wait for an empty store, unless another one says that it was not empty', async () => {
      await server().flush();
      expect(await store.join(as('new'))).toMatchObject({ refillMs: 0 });
      expect(await other.join(as('other', epoch))).toMatchObject({ refillMs: REFILL_MS });
      expect(await store.join(as('third'))).toMatchObject({ refillMs: REFILL_MS });
    });

    test('a clock that was set begins one new epoch, in which nothing counts', async () => {
      await ask({ count: 10 });
      const [one, two] = [
        await store.join(as('one', epoch, true)),
        await other.join(as('other', epoch, true)),
      ];
      expect(one.epoch).not.toBe(epoch);
      expect(two.epoch).toBe(one.epoch);
      expect([one.refillMs, two.refillMs]).toEqual([REFILL_MS, REFILL_MS]);
      epoch = one.epoch;
      expect(await ask()).toMatchObject({ admitted: 1, used: 1 });
    });

    test('counts the instances that have joined within ten seconds and have not left', async () => {
      expect((await store.join(as('one'))).instances).toBe(1);
      expect((await other.join(as('two'))).instances).toBe(2);
      await other.leave('two');
      expect((await store.join(as('one'))).instances).toBe(1);
      await other.join(as('two'));
      now += INSTANCE_ALIVE_MS;
      expect((await store.join(as('one'))).instances).toBe(2);
      now += 1;
      expect((await store.join(as('one'))).instances).toBe(1);
    });

    test('a sweep keeps what counts', async () => {
      await ask({ count: 4 });
      await ask({ keyId: 'second', count: 10 });
      now += COUNTED_MS - 1;
      await store.sweep();
      expect(await ask({ count: 0 })).toMatchObject({ used: 4 });
      now += 60_000;
      await store.sweep();
      expect(await ask({ count: 7 })).toMatchObject({ admitted: 7, used: 7 });
    });

    test('a replaced connection works again by itself', async () => {
      store.reconnect();
      await expect
        .poll(() =>
          ask({ count: 1 }).then(
            () => true,
            () => false,
          ),
        )
        .toBe(true);
    });
  });
}
