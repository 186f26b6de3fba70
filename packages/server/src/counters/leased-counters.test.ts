import { setTimeout as pause } from 'node:timers/promises';
import { BUILT_IN_CATALOGUE } from '@latchkey/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../domain/shared/app-error.ts';
import { Keyring } from '../domain/shared/keyring.ts';
import { type DayQuotaStore, dayOf } from '../domain/verification/limits/day-quota-store.ts';
import type { QuotaCounters } from '../domain/verification/limits/quota-counters.ts';
import { openStorage } from '../storage/open-storage.ts';
import type { Storage } from '../storage/storage.ts';
import { LeasedCounters, type LeaseOptions } from './leased-counters.ts';
import { inStep, quotaCountersSuite, SuiteTime } from './suites/quota-counters.suite.ts';

const NOON = Date.parse('2026-11-23T12:00:00.000Z');
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Longer than a key must be unused before a sweep treats it as idle. */
const IDLE_MS = 2 * MINUTE_MS;

/** A promise that the test resolves. */
function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

function openMemory(): Promise<Storage> {
  const clock = { now: () => 0 };
  return openStorage('file::memory:', new Keyring(Buffer.alloc(32, 4)), clock, BUILT_IN_CATALOGUE);
}

describe.each([0, 1_000])('with up to %i leases kept for idle keys', (idleLeasesMax) => {
  quotaCountersSuite(async (clock) => {
    const storage = await openMemory();
    return {
      counters: new LeasedCounters(storage.dayQuotas, clock, { idleLeasesMax }),
      afterCrash: () => new LeasedCounters(storage.dayQuotas, clock, { idleLeasesMax }),
      close: () => storage.close(),
    };
  });
});

describe('leases of idle keys', () => {
  let storage: Storage;

  beforeEach(async () => {
    storage = await openMemory();
  });
  afterEach(() => storage.close());

  const limited = (id: string) => ({
    id,
    workspaceId: 'ws',
    rateLimit: { requestsPerMinute: null, requestsPerDay: 1_000 },
  });

  /** The calls of the day limit that are leased out, as stored. */
  async function handedOut(id: string, now: number): Promise<number> {
    return (await storage.dayQuotas.take(limited(id), dayOf(now), 0, 1_000)).taken;
  }

  /** Counters that keep at most `idleLeasesMax` leases of idle keys. */
  function openCounters(options: LeaseOptions = {}): QuotaCounters {
    const time = new SuiteTime();
    return inStep(new LeasedCounters(storage.dayQuotas, time, options), time);
  }

  async function useOnce(counters: QuotaCounters, id: string, now: number): Promise<void> {
    expect(await counters.spend(limited(id), 1, now)).toMatchObject({ retryAfterSeconds: null });
  }

  test('a key that was idle spends from its lease again without a read of the store', async () => {
    const counters = openCounters();
    await useOnce(counters, 'key', NOON);
    await counters.sweep(NOON + IDLE_MS);
    expect(counters.spend(limited('key'), 1, NOON + IDLE_MS)).toMatchObject({ day: { remaining: 998 } });
  });

  test('leases above the maximum are given back to the day limit', async () => {
    const counters = openCounters({ idleLeasesMax: 1 });
    for (const id of ['first', 'second']) await useOnce(counters, id, NOON);
    await counters.sweep(NOON + IDLE_MS);
    expect(await handedOut('first', NOON)).toBe(1);
    expect(await handedOut('second', NOON)).toBe(10);
    const first = counters.spend(limited('first'), 1, NOON + IDLE_MS);
    expect(first).toBeInstanceOf(Promise);
    await first;
    expect(counters.spend(limited('second'), 1, NOON + IDLE_MS)).toMatchObject({ day: { remaining: 998 } });
  });

  test('with several instances, leases are shorter by their number, and all leases of idle keys are given back', async () => {
    const counters = openCounters({ instances: () => 5 });
    await useOnce(counters, 'key', NOON);
    expect(await handedOut('key', NOON)).toBe(2);
    await counters.sweep(NOON + IDLE_MS);
    expect(await handedOut('key', NOON)).toBe(1);
  });

  test('a refunded call can be made again', async () => {
    const leased = new LeasedCounters(storage.dayQuotas, new SuiteTime());
    await useOnce(leased, 'key', NOON);
    leased.refund('key', 1, NOON);
    expect(leased.spend(limited('key'), 0, NOON)).toMatchObject({ day: { remaining: 1_000 } });
  });

  test('leases of a past day do not count towards the maximum and are not written', async () => {
    const counters = openCounters({ idleLeasesMax: 1 });
    await useOnce(counters, 'yesterday', NOON);
    await useOnce(counters, 'today', NOON + DAY_MS);
    await counters.sweep(NOON + DAY_MS + IDLE_MS);
    expect(await handedOut('yesterday', NOON)).toBe(10);
    expect(counters.spend(limited('today'), 1, NOON + DAY_MS + IDLE_MS)).not.toBeInstanceOf(Promise);
  });
});

describe('while the store can be read but not written', () => {
  let storage: Storage;
  let isFull: boolean;
  let failure: AppError;
  /** Writes of leases counted in memory wait for this. */
  let held: Promise<void>;

  beforeEach(async () => {
    storage = await openMemory();
    isFull = true;
    held = Promise.resolve();
    failure = new AppError('STORAGE_FULL');
  });
  afterEach(() => storage.close());

  /** The real store; its writes fail with `failure` while `isFull` is set. */
  function store(): DayQuotaStore {
    const { dayQuotas } = storage;
    const unlessFull = async <T>(write: () => Promise<T>): Promise<T> => {
      if (isFull) throw failure;
      return write();
    };
    return {
      take: (...given) => unlessFull(() => dayQuotas.take(...given)),
      add: (leases) => held.then(() => unlessFull(() => dayQuotas.add(leases))),
      giveBack: (leases) => unlessFull(() => dayQuotas.giveBack(leases)),
      taken: (...given) => dayQuotas.taken(...given),
      purge: (day) => dayQuotas.purge(day),
    };
  }

  const limited = (id: string, requestsPerDay: number) => ({
    id,
    workspaceId: 'ws',
    rateLimit: { requestsPerMinute: null, requestsPerDay },
  });

  function openCounters(options: LeaseOptions = {}): QuotaCounters {
    const time = new SuiteTime();
    return inStep(new LeasedCounters(store(), time, options), time);
  }

  /** The number of allowed calls out of `calls`. */
  async function allowed(counters: QuotaCounters, id: string, limit: number, calls: number, now = NOON) {
    const key = limited(id, limit);
    let count = 0;
    for (let call = 0; call < calls; call++) {
      const state = await counters.spend(key, 1, now);
      if (state.retryAfterSeconds === null) count++;
    }
    return count;
  }

  test('the limit holds, also for a key with a stored lease, and after the store can be written again', async () => {
    isFull = false;
    const counters = openCounters();
    expect(await allowed(counters, 'key', 10, 3)).toBe(3);
    isFull = true;
    expect(await allowed(counters, 'key', 10, 4)).toBe(4);
    isFull = false;
    expect(await allowed(counters, 'key', 10, 9)).toBe(3);
    await counters.close();
    expect(await storage.dayQuotas.taken('key', dayOf(NOON))).toBe(10);
  });

  test('a sweep writes the leases counted in memory, keeps them when the write fails, and counts none twice', async () => {
    const counters = openCounters();
    expect(await allowed(counters, 'key', 500, 7)).toBe(7);
    await expect(counters.sweep(NOON + IDLE_MS)).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    isFull = false;
    await counters.sweep(NOON + IDLE_MS);
    await counters.sweep(NOON + IDLE_MS);
    // A lease is five calls.
    expect(await storage.dayQuotas.taken('key', dayOf(NOON))).toBe(10);
    expect(await allowed(counters, 'key', 500, 500)).toBe(493);
  });

  test('calls that wait for the write of a sweep are not counted in addition to it', async () => {
    const counters = openCounters();
    expect(await allowed(counters, 'key', 20, 5)).toBe(5);
    isFull = false;
    const swept = counters.sweep(NOON);
    const more = allowed(counters, 'key', 20, 20);
    await swept;
    expect(await more).toBe(15);
    await counters.close();
    expect(await storage.dayQuotas.taken('key', dayOf(NOON))).toBe(20);
  });

  test('a lease that is written for a call while a sweep writes those of many keys is counted once', async () => {
    const counters = openCounters();
    const ids = Array.from({ length: 1_025 }, (_, index) => `key-${index}`);
    for (const id of ids) await counters.spend(limited(id, 10), 1, NOON);
    isFull = false;
    const sweep = gate();
    held = sweep.passed;
    const swept = counters.sweep(NOON);
    await pause(1);
    const call = gate();
    held = call.passed;
    const last = limited('key-1024', 10);
    const called = counters.spend(last, 1, NOON);
    held = Promise.resolve();
    sweep.open();
    await swept;
    call.open();
    await called;
    expect(await storage.dayQuotas.taken(last.id, dayOf(NOON))).toBe(2);
  });

  test('an end while a lease is being written gives back only what the store has counted', async () => {
    isFull = false;
    const counters = openCounters();
    const key = limited('key', 1_000);
    await counters.spend(key, 10, NOON);
    isFull = true;
    await counters.spend(key, 1, NOON);
    const write = gate();
    held = write.passed;
    const pending = counters.spend(key, 20, NOON);
    isFull = false;
    await counters.close();
    expect(await storage.dayQuotas.taken('key', dayOf(NOON))).toBe(10);
    write.open();
    await pending;
  });

  test('calls of a day that were not written yet still count after the clock was set back to the day before', async () => {
    const counters = openCounters();
    expect(await allowed(counters, 'key', 10, 6, NOON + DAY_MS)).toBe(6);
    await expect(allowed(counters, 'key', 10, 1, NOON)).rejects.toBe(failure);
    expect(await allowed(counters, 'key', 10, 10, NOON + DAY_MS)).toBe(4);
    isFull = false;
    expect(await allowed(counters, 'key', 10, 20, NOON)).toBe(10);
    expect(await allowed(counters, 'key', 10, 1, NOON + DAY_MS)).toBe(0);
  });

  test('several instances admit no more than the limit in total', async () => {
    const instances = () => 3;
    isFull = false;
    expect(await allowed(openCounters({ instances }), 'key', 10, 1)).toBe(1);
    isFull = true;
    for (let instance = 0; instance < 3; instance++) {
      const counters = openCounters({ instances });
      expect(await allowed(counters, 'key', 10, 3)).toBe(3);
      await expect(allowed(counters, 'key', 10, 1)).rejects.toBe(failure);
    }
  });

  test('one of several instances admits nothing after another failure, which the others may not have', async () => {
    failure = new AppError('UNAVAILABLE');
    await expect(allowed(openCounters({ instances: () => 2 }), 'key', 10, 1)).rejects.toBe(failure);
    expect(await allowed(openCounters({ instances: () => 1 }), 'key', 10, 9)).toBe(9);
  });

  test('a call of a key above the maximum counted in memory fails with UNAVAILABLE; the other keys still work', async () => {
    const counters = openCounters({ idleLeasesMax: 0, unstoredKeysMax: 2 });
    for (const id of ['a', 'b']) expect(await allowed(counters, id, 10, 1)).toBe(1);
    await expect(allowed(counters, 'c', 10, 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await allowed(counters, 'a', 10, 20)).toBe(9);
    // A new day begins with the whole limit, and unwritten leases of the old day no longer count towards the maximum.
    expect(await allowed(counters, 'a', 10, 20, NOON + DAY_MS)).toBe(10);
    isFull = false;
    await counters.sweep(NOON + DAY_MS);
    expect(await allowed(counters, 'c', 10, 20, NOON + DAY_MS)).toBe(10);
  });
});
