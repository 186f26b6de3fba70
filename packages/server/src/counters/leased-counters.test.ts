import { BUILT_IN_CATALOGUE } from '@latchkey/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../domain/shared/app-error.ts';
import { Keyring } from '../domain/shared/keyring.ts';
import { type DayQuotaStore, dayOf } from '../domain/verification/limits/day-quota-store.ts';
import type { QuotaCounters } from '../domain/verification/limits/quota-counters.ts';
import { openStorage, type Storage } from '../storage/storage.ts';
import { LeasedCounters } from './leased-counters.ts';
import { inStep, quotaCountersSuite, SuiteTime } from './suites/quota-counters.suite.ts';

const NOON = Date.parse('2026-11-23T12:00:00.000Z');
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Longer than a key must be unused before a sweep treats it as idle. */
const IDLE_MS = 2 * MINUTE_MS;

function openMemory(): Promise<Storage> {
  const clock = { now: () => 0 };
  return openStorage('file::memory:', new Keyring(Buffer.alloc(32, 4)), clock, BUILT_IN_CATALOGUE);
}

describe.each([0, 1_000])('with up to %i leases kept for idle keys', (idleLeasesMax) => {
  quotaCountersSuite(async (clock) => {
    const storage = await openMemory();
    return {
      counters: new LeasedCounters(storage.dayQuotas, clock, idleLeasesMax),
      afterCrash: () => new LeasedCounters(storage.dayQuotas, clock, idleLeasesMax),
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
  function openCounters(idleLeasesMax?: number): QuotaCounters {
    const time = new SuiteTime();
    return inStep(new LeasedCounters(storage.dayQuotas, time, idleLeasesMax), time);
  }

  async function useOnce(counters: QuotaCounters, id: string, now: number): Promise<void> {
    await counters.peek(limited(id), 1, now);
    expect(counters.spend(limited(id), 1, now)).toMatchObject({ retryAfterSeconds: null });
  }

  test('a key that was idle spends from its lease again without a read of the store', async () => {
    const counters = openCounters();
    await useOnce(counters, 'key', NOON);
    await counters.sweep(NOON + IDLE_MS);
    expect(counters.spend(limited('key'), 1, NOON + IDLE_MS)).toMatchObject({ day: { remaining: 998 } });
  });

  test('leases above the maximum are given back to the day limit', async () => {
    const counters = openCounters(1);
    for (const id of ['first', 'second']) await useOnce(counters, id, NOON);
    await counters.sweep(NOON + IDLE_MS);
    expect(await handedOut('first', NOON)).toBe(1);
    expect(await handedOut('second', NOON)).toBe(10);
    expect(counters.spend(limited('first'), 1, NOON + IDLE_MS)).toBeNull();
    expect(counters.spend(limited('second'), 1, NOON + IDLE_MS)).toMatchObject({ day: { remaining: 998 } });
  });

  test('leases of a past day do not count towards the maximum and are not written', async () => {
    const counters = openCounters(1);
    await useOnce(counters, 'yesterday', NOON);
    await useOnce(counters, 'today', NOON + DAY_MS);
    await counters.sweep(NOON + DAY_MS + IDLE_MS);
    expect(await handedOut('yesterday', NOON)).toBe(10);
    expect(counters.spend(limited('today'), 1, NOON + DAY_MS + IDLE_MS)).not.toBeNull();
  });
});

describe('while the store can be read but not written', () => {
  let storage: Storage;
  let isFull: boolean;

  beforeEach(async () => {
    storage = await openMemory();
    isFull = true;
  });
  afterEach(() => storage.close());

  /** The real store; its writes fail with STORAGE_FULL while `isFull` is set. */
  function store(): DayQuotaStore {
    const { dayQuotas } = storage;
    const unlessFull = async <T>(write: () => Promise<T>): Promise<T> => {
      if (isFull) throw new AppError('STORAGE_FULL');
      return write();
    };
    return {
      take: (...given) => unlessFull(() => dayQuotas.take(...given)),
      add: (leases) => unlessFull(() => dayQuotas.add(leases)),
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

  function openCounters(idleLeasesMax?: number, unstoredKeysMax?: number): QuotaCounters {
    const time = new SuiteTime();
    return inStep(new LeasedCounters(store(), time, idleLeasesMax, unstoredKeysMax), time);
  }

  /** The number of allowed calls out of `calls`. */
  async function allowed(counters: QuotaCounters, id: string, limit: number, calls: number, now = NOON) {
    const key = limited(id, limit);
    let count = 0;
    for (let call = 0; call < calls; call++) {
      let state = counters.spend(key, 1, now);
      while (!state) {
        await counters.peek(key, 1, now);
        state = counters.spend(key, 1, now);
      }
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

  test('a call of a key above the maximum counted in memory fails with UNAVAILABLE; the other keys still work', async () => {
    const counters = openCounters(0, 2);
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
