import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  aKey,
  aSecret,
  HELD,
  type OpenSuiteDatabase,
  type SuiteDatabase,
  seedWorkspace,
} from './suite-database.ts';

/** What every UnitOfWork over the stores promises. */
export function unitOfWorkSuite(open: OpenSuiteDatabase): void {
  describe('UnitOfWork', () => {
    let database: SuiteDatabase;

    beforeEach(async () => {
      database = await open();
    });
    afterEach(() => database.close());

    test('keeps everything of work that resolves, and passes its result on', async () => {
      const { workspace, owner } = await seedWorkspace(database);
      const key = aKey(workspace.id, owner);
      const result = await database.storage.transact(async ({ keys }) => {
        await keys.insert(key, aSecret('a'), HELD);
        return 'done';
      });
      expect(result).toBe('done');
      expect(await database.storage.keys.find(workspace.id, key.id)).toEqual(key);
    });

    test('keeps nothing of work that rejects, and passes its error on', async () => {
      const { workspace, owner } = await seedWorkspace(database);
      const key = aKey(workspace.id, owner);
      const work = database.storage.transact(async ({ keys }) => {
        await keys.insert(key, aSecret('a'), HELD);
        throw new Error('no');
      });
      await expect(work).rejects.toThrow('no');
      expect(await database.storage.keys.find(workspace.id, key.id)).toBeNull();
      expect(await database.storage.keys.findByDigest('a')).toBeNull();
    });

    test('two at the same time do not see each other half done', async () => {
      const { workspace, owner } = await seedWorkspace(database);
      const key = aKey(workspace.id, owner, { name: '' });
      await database.storage.keys.insert(key, aSecret('a'), HELD);
      const append = (letter: string) =>
        database.storage.transact(async ({ keys }) => {
          const found = await keys.find(workspace.id, key.id);
          return found !== null && (await keys.update({ ...found, name: found.name + letter }));
        });
      const outcomes = await Promise.all([...'abcdefgh'].map(append));
      const name = (await database.storage.keys.find(workspace.id, key.id))?.name ?? '';
      expect(name).toHaveLength(outcomes.filter(Boolean).length);
    });
  });
}
