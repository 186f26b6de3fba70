import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { UsageRecorder } from '../../src/domain/usage/usage-recorder.ts';
import { openSuiteDatabase } from '../../src/storage/suites/open-suite-database.ts';
import {
  AT,
  aKey,
  aSecret,
  HELD,
  type SuiteDatabase,
  seedWorkspace,
} from '../../src/storage/suites/suite-database.ts';

const KEYS = 100;
const CALLS_PER_KEY = 10_000;
const FLUSH_MS = 10_000;

async function openDatabase(): Promise<SuiteDatabase> {
  const database = await openSuiteDatabase();
  onTestFinished(() => database.close());
  return database;
}

async function insertKeys(database: SuiteDatabase): Promise<string[]> {
  const { workspace, owner } = await seedWorkspace(database);
  const keys = Array.from({ length: KEYS }, () => aKey(workspace.id, owner));
  for (const key of keys) await database.storage.keys.insert(key, aSecret(`digest of ${key.id}`), HELD);
  return keys.map(({ id }) => id);
}

/** Since the connection was opened: inserted, updated or deleted. */
async function rowsWritten({ db }: SuiteDatabase): Promise<number> {
  const { rows } = await sql<{ count: number }>`select total_changes() as count`.execute(db);
  return rows[0]?.count ?? Number.NaN;
}

test.each([60_000, 1_000])(
  'counting costs at most 0.05 rows a verification, with 100 keys and %i verifications a second',
  async (perSecond) => {
    const database = await openDatabase();
    const keyIds = await insertKeys(database);
    const usage = new UsageRecorder({
      unitOfWork: database.storage,
      onUncounted: () => expect.unreachable(),
    });
    const calls = KEYS * CALLS_PER_KEY;
    const before = await rowsWritten(database);
    let flushedAt = AT;
    for (let call = 0; call < calls; call++) {
      const now = AT + (call * 1_000) / perSecond;
      usage.recordAllowed(keyIds[call % KEYS] ?? '', now, false);
      if (now - flushedAt < FLUSH_MS) continue;
      flushedAt = now;
      await usage.flush();
    }
    await usage.flush();
    const rows = (await rowsWritten(database)) - before;
    console.log(`usage at ${perSecond}/s: ${rows} rows for ${calls} verifications, ${rows / calls} each`);
    expect(rows / calls).toBeLessThanOrEqual(0.05);
    const { counted } = await database.db
      .selectFrom('usage_counts')
      .select((expression) => expression.fn.sum<number>('count').as('counted'))
      .executeTakeFirstOrThrow();
    expect(counted).toBe(calls);
  },
);
