import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Replay } from '../../domain/keys/replay-store.ts';
import { AT, type OpenSuiteDatabase, type SuiteDatabase } from './suite-database.ts';

const replay: Replay = {
  id: 'replay',
  workspaceId: 'ws',
  keyId: 'key',
  fingerprint: 'print',
  sealed: 'sealed',
  createdAt: AT,
};

/** What every ReplayStore promises. */
export function replayStoreSuite(open: OpenSuiteDatabase): void {
  describe('ReplayStore', () => {
    let database: SuiteDatabase;

    beforeEach(async () => {
      database = await open();
    });
    afterEach(() => database.close());

    const store = () => database.storage.replays;

    test('finds what was put, in its workspace and while it is new enough', async () => {
      await store().put(replay);
      expect(await store().find('ws', 'replay', AT)).toEqual(replay);
      expect(await store().find('ws', 'replay', AT + 1)).toBeNull();
      expect(await store().find('ws_other', 'replay', AT)).toBeNull();
      expect(await store().find('ws', 'other', AT)).toBeNull();
    });

    test('a later outcome takes the place of an older one', async () => {
      await store().put(replay);
      await store().put({ ...replay, fingerprint: 'new', createdAt: AT + 10 });
      expect(await store().find('ws', 'replay', AT)).toMatchObject({
        fingerprint: 'new',
        createdAt: AT + 10,
      });
    });

    test('forgets what is older than asked, and says how many', async () => {
      await store().put(replay);
      await store().put({ ...replay, id: 'later', createdAt: AT + 1 });
      expect(await store().purge(AT + 1)).toBe(1);
      expect(await store().find('ws', 'replay', 0)).toBeNull();
      expect(await store().find('ws', 'later', 0)).not.toBeNull();
    });
  });
}
