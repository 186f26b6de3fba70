import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UNLIMITED } from '../../domain/shared/caller.ts';
import type { OpenSuiteDatabase, SuiteDatabase } from './suite-database.ts';

const key = { id: 'key', workspaceId: 'ws', rateLimit: UNLIMITED };
const DAY = 20_000;

/** The contract of every DayQuotaStore. */
export function dayQuotaStoreSuite(open: OpenSuiteDatabase): void {
  describe('DayQuotaStore', () => {
    let database: SuiteDatabase;

    beforeEach(async () => {
      database = await open();
    });
    afterEach(() => database.close());

    const store = () => database.storage.dayQuotas;

    test('grants the requested number until the limit, then less, then nothing', async () => {
      expect(await store().take(key, DAY, 4, 10)).toEqual({ granted: 4, taken: 4 });
      expect(await store().take(key, DAY, 4, 10)).toEqual({ granted: 4, taken: 8 });
      expect(await store().take(key, DAY, 4, 10)).toEqual({ granted: 2, taken: 10 });
      expect(await store().take(key, DAY, 4, 10)).toEqual({ granted: 0, taken: 10 });
    });

    test('grants nothing after the limit was lowered below the count, and again after it was raised', async () => {
      await store().take(key, DAY, 8, 10);
      expect(await store().take(key, DAY, 1, 5)).toEqual({ granted: 0, taken: 8 });
      expect(await store().take(key, DAY, 9, 12)).toEqual({ granted: 4, taken: 12 });
    });

    test('counts each key and each day separately', async () => {
      await store().take(key, DAY, 5, 5);
      expect(await store().take({ ...key, id: 'other' }, DAY, 5, 5)).toMatchObject({ granted: 5 });
      expect(await store().take(key, DAY + 1, 5, 5)).toMatchObject({ granted: 5 });
    });

    test('adds units that were granted elsewhere to the count, regardless of the limit', async () => {
      await store().take(key, DAY, 3, 10);
      await store().add([
        { keyId: key.id, day: DAY, calls: 4 },
        { keyId: 'other', day: DAY, calls: 2 },
      ]);
      expect(await store().taken(key.id, DAY)).toBe(7);
      expect(await store().taken('other', DAY)).toBe(2);
      expect(await store().taken(key.id, DAY + 1)).toBe(0);
      await store().add([{ keyId: key.id, day: DAY, calls: 9 }]);
      expect(await store().take(key, DAY, 1, 10)).toEqual({ granted: 0, taken: 16 });
    });

    test('returned units can be taken again', async () => {
      await store().take(key, DAY, 10, 10);
      await store().giveBack([{ keyId: key.id, day: DAY, calls: 3 }]);
      expect(await store().take(key, DAY, 10, 10)).toEqual({ granted: 3, taken: 10 });
    });

    test('returns the units of many leases to their keys and days', async () => {
      const keys = Array.from({ length: 300 }, (_, index) => ({ ...key, id: `key-${index}` }));
      for (const one of keys) await store().take(one, DAY, 10, 10);
      await store().take(key, DAY, 10, 10);
      await store().take(key, DAY + 1, 10, 10);
      const unspent = keys.map(({ id: keyId }, index) => ({ keyId, day: DAY, calls: 1 + (index % 9) }));
      await store().giveBack([...unspent, { keyId: key.id, day: DAY + 1, calls: 4 }]);
      for (const [index, one] of keys.entries())
        expect(await store().take(one, DAY, 0, 10)).toMatchObject({ taken: 9 - (index % 9) });
      expect(await store().take(key, DAY, 0, 10)).toMatchObject({ taken: 10 });
      expect(await store().take(key, DAY + 1, 0, 10)).toMatchObject({ taken: 6 });
    });

    test('never grants more than the limit to concurrent calls', async () => {
      const takes = await Promise.all(Array.from({ length: 50 }, () => store().take(key, DAY, 3, 100)));
      expect(takes.reduce((sum, { granted }) => sum + granted, 0)).toBe(100);
    });

    test('deletes the days before the given one, and no other', async () => {
      await store().take(key, DAY, 5, 5);
      await store().take(key, DAY + 1, 5, 5);
      await store().purge(DAY + 1);
      expect(await store().take(key, DAY, 5, 5)).toMatchObject({ granted: 5 });
      expect(await store().take(key, DAY + 1, 5, 5)).toMatchObject({ granted: 0 });
    });
  });
}
