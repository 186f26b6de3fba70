import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { KeptOutcome } from '../../domain/shared/idempotent.ts';
import { AT, type OpenSuiteDatabase, type SuiteDatabase } from './suite-database.ts';

const outcome: KeptOutcome = {
  id: 'replay',
  workspaceId: 'ws',
  subjectId: 'key',
  fingerprint: 'print',
  sealed: 'sealed',
  createdAt: AT,
};

/** The contract of every IdempotencyStore. */
export function idempotencyStoreSuite(open: OpenSuiteDatabase): void {
  describe('IdempotencyStore', () => {
    let database: SuiteDatabase;

    beforeEach(async () => {
      database = await open();
    });
    afterEach(() => database.close());

    const store = () => database.storage.idempotency;

    test('finds an outcome in its workspace while it is new enough', async () => {
      await store().put(outcome);
      expect(await store().find('ws', 'replay', AT)).toEqual(outcome);
      expect(await store().find('ws', 'replay', AT + 1)).toBeNull();
      expect(await store().find('ws_other', 'replay', AT)).toBeNull();
      expect(await store().find('ws', 'other', AT)).toBeNull();
    });

    test('a later outcome replaces an older one', async () => {
      await store().put(outcome);
      await store().put({ ...outcome, fingerprint: 'new', createdAt: AT + 10 });
      expect(await store().find('ws', 'replay', AT)).toMatchObject({
        fingerprint: 'new',
        createdAt: AT + 10,
      });
    });

    test('deletes older outcomes and returns their number', async () => {
      await store().put(outcome);
      await store().put({ ...outcome, id: 'later', createdAt: AT + 1 });
      expect(await store().purge(AT + 1)).toBe(1);
      expect(await store().find('ws', 'replay', 0)).toBeNull();
      expect(await store().find('ws', 'later', 0)).not.toBeNull();
    });
  });
}
