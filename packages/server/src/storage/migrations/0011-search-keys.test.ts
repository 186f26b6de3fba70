import type { Kysely } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import type { KeyPage } from '../../domain/keys/key-store.ts';
import { openSuiteDatabase } from '../suites/open-suite-database.ts';
import { AT, aKey, aSecret, HELD, seedWorkspace } from '../suites/suite-database.ts';
import { up } from './0011-search-keys.ts';

/** More than two batches. */
const KEYS = 2_100;
const PAGE: KeyPage = { sortBy: 'name', sortOrder: 'asc', limit: 10, offset: 0, after: null };

test('names of an older database are sorted and found by their search keys, in several batches', async () => {
  const database = await openSuiteDatabase();
  onTestFinished(database.close);
  const { workspace, owner } = await seedWorkspace(database);
  const { keys } = database.storage;
  const key = aKey(workspace.id, owner, { name: 'Zoe' });
  await keys.insert(key, aSecret('zoe'), HELD);
  const row = await database.db.selectFrom('api_keys').selectAll().executeTakeFirstOrThrow();
  for (let index = 0; index < KEYS; index++) {
    const name = `Ångström ${index}`;
    await database.db
      .insertInto('api_keys')
      .values({ ...row, id: `key_${index}`, name, name_folded: name.toLowerCase() })
      .execute();
  }
  await up(database.db as unknown as Kysely<unknown>);
  const { items: first } = await keys.list(workspace.id, {}, PAGE, AT);
  expect(first.map(({ name }) => name)).not.toContain('Zoe');
  expect((await keys.list(workspace.id, { search: 'angstrom' }, PAGE, AT)).total).toBe(KEYS);
});
