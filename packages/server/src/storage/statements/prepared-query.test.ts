import { afterEach, beforeEach, expect, test } from 'vitest';
import { openMigrated } from '../../../test/harness/migrated-database.ts';
import type { Database } from '../engines/engine.ts';
import type { IdentityLinkRow } from '../tables.ts';
import { PreparedQuery } from './prepared-query.ts';

let database: Database;
let built: number;

beforeEach(async () => {
  database = await openMigrated();
  built = 0;
});
afterEach(() => database.close());

test('is built once, and each run has its own parameters, in any position and any number', async () => {
  const insert = new PreparedQuery<{ key_id: string; day: number; taken: number }>((db, row) => {
    built++;
    return db.insertInto('day_quotas').values(row);
  });
  for (const key_id of ['a', 'b', 'c']) await insert.run(database.db, { taken: 7, key_id, day: 1 });
  const find = new PreparedQuery<{ name: string; limit: number }, { key_id: string; taken: number }>(
    (db, { name, limit }) =>
      db
        .selectFrom('day_quotas')
        .select(['key_id', 'taken'])
        .where((expression) =>
          expression.or([expression('key_id', '>', name), expression('key_id', '=', name)]),
        )
        .orderBy('key_id')
        .limit(limit),
  );
  expect(await find.first(database.db, { name: 'd', limit: 5 })).toBeUndefined();
  const { rows } = await find.run(database.db, { limit: 1, name: 'b' });
  expect(rows).toEqual([{ key_id: 'b', taken: 7 }]);
  expect(built).toBe(1);
});

test('accepts null as a value, and keeps values that are the same in every run', async () => {
  const find = new PreparedQuery<
    Pick<IdentityLinkRow, 'issuer'> & { nothing: null },
    { nothing: null; one: number }
  >((db, { issuer, nothing }) =>
    db
      .selectNoFrom(({ val }) => [val(nothing).as('nothing'), val(1).as('one')])
      .where(({ val }) => val(issuer), '=', 'https://id.example'),
  );
  expect(await find.first(database.db, { issuer: 'https://id.example', nothing: null })).toEqual({
    nothing: null,
    one: 1,
  });
});
