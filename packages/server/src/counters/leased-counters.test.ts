import { BUILT_IN_CATALOGUE } from '@latchkey/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Keyring } from '../domain/shared/keyring.ts';
import { dayOf } from '../domain/verification/limits/day-quota-store.ts';
import { openStorage, type Storage } from '../storage/storage.ts';
import { LeasedCounters } from './leased-counters.ts';
import { quotaCountersSuite } from './suites/quota-counters.suite.ts';

const NOON = Date.parse('2026-11-23T12:00:00.000Z');
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Later than a window needs to be idle. */
const IDLE_MS = 2 * MINUTE_MS;

function openMemory(): Promise<Storage> {
  const clock = { now: () => 0 };
  return openStorage('file::memory:', new Keyring(Buffer.alloc(32, 4)), clock, BUILT_IN_CATALOGUE);
}

describe.each([0, 1_000])('where idle keys keep %i leases', (idleLeasesMax) => {
  quotaCountersSuite(async () => {
    const storage = await openMemory();
    return {
      counters: new LeasedCounters(storage.dayQuotas, idleLeasesMax),
      afterCrash: () => new LeasedCounters(storage.dayQuotas, idleLeasesMax),
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

  /** What is handed out of the day, as it is stored. */
  async function handedOut(id: string, now: number): Promise<number> {
    return (await storage.dayQuotas.take(limited(id), dayOf(now), 0, 1_000)).taken;
  }

  async function useOnce(counters: LeasedCounters, id: string, now: number): Promise<void> {
    await counters.peek(limited(id), 1, now);
    expect(counters.spend(limited(id), 1, now)).toMatchObject({ retryAfterSeconds: null });
  }

  test('a key that was idle goes on with its lease and waits for nothing', async () => {
    const counters = new LeasedCounters(storage.dayQuotas);
    await useOnce(counters, 'key', NOON);
    await counters.sweep(NOON + IDLE_MS);
    expect(counters.spend(limited('key'), 1, NOON + IDLE_MS)).toMatchObject({ day: { remaining: 998 } });
  });

  test('what is too much of them is given back to the day', async () => {
    const counters = new LeasedCounters(storage.dayQuotas, 1);
    for (const id of ['first', 'second']) await useOnce(counters, id, NOON);
    await counters.sweep(NOON + IDLE_MS);
    expect(await handedOut('first', NOON)).toBe(1);
    expect(await handedOut('second', NOON)).toBe(10);
    expect(counters.spend(limited('first'), 1, NOON + IDLE_MS)).toBeNull();
    expect(counters.spend(limited('second'), 1, NOON + IDLE_MS)).toMatchObject({ day: { remaining: 998 } });
  });

  test('those of a day that is over take no place, and nothing is written for them', async () => {
    const counters = new LeasedCounters(storage.dayQuotas, 1);
    await useOnce(counters, 'yesterday', NOON);
    await useOnce(counters, 'today', NOON + DAY_MS);
    await counters.sweep(NOON + DAY_MS + IDLE_MS);
    expect(await handedOut('yesterday', NOON)).toBe(10);
    expect(counters.spend(limited('today'), 1, NOON + DAY_MS + IDLE_MS)).not.toBeNull();
  });
});
