import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { openMigrated } from '../../../../test/harness/migrated-database.ts';
import { PreparedQuery } from '../../statements/prepared-query.ts';
import type { Tables } from '../../tables.ts';
import type { TransactionCache } from '../../transaction-cache.ts';
import type { Database } from '../engine.ts';

let folder: string;
let database: Database;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-'));
  database = await openMigrated(`file:${join(folder, 'latchkey.db')}`);
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

function count(key_id: string) {
  return (db: Kysely<Tables>) => db.insertInto('day_quotas').values({ key_id, day: 1, taken: 1 }).execute();
}

async function counted(db = database.db): Promise<string[]> {
  const rows = await db.selectFrom('day_quotas').select('key_id').orderBy('key_id').execute();
  return rows.map(({ key_id }) => key_id);
}

test('waiting work shares one commit: other connections see the first write only after the last has run', async () => {
  const seen: string[][] = [];
  const first = database.transact(count('a'));
  const look = async (db: Kysely<Tables>) => {
    await count('c')(db);
    seen.push(await counted(), await counted(db));
  };
  await Promise.all([first, database.transact(count('b')), database.transact(look)]);
  // The first work found an empty queue, so that it was committed alone.
  expect(seen).toEqual([['a'], ['a', 'b', 'c']]);
  expect(await counted()).toEqual(['a', 'b', 'c']);
});

test('work resolves after its commit, in the order in which it ran', async () => {
  const resolved: string[] = [];
  const runs = [...'abcdefgh'].map(async (name) => {
    await database.transact(count(name));
    resolved.push(name);
    expect(await counted()).toContain(name);
  });
  await Promise.all(runs);
  expect(resolved).toEqual([...'abcdefgh']);
});

test('a group yields to the event loop between two units of work, and between two results', async () => {
  // Far longer than a turn of the event loop, since work may go on without a yield for as long as the last yield took.
  const WORK_MS = 25;
  let turns = 0;
  const spin = () => {
    turns++;
    spinning = setImmediate(spin);
  };
  let spinning = setImmediate(spin);
  onTestFinished(() => clearImmediate(spinning));
  const ran: number[] = [];
  const resolved: number[] = [];
  const work = async () => {
    ran.push(turns);
    busyFor(WORK_MS);
  };
  const ask = async () => {
    await database.transact(work);
    resolved.push(turns);
    busyFor(WORK_MS);
  };
  await Promise.all(Array.from({ length: 20 }, ask));
  // The first work was committed alone; the others share a commit. On a busy machine a yield can take as long as two pieces of work.
  for (const times of [ran.slice(1), resolved.slice(1)]) expect(new Set(times).size).toBeGreaterThan(10);
});

function busyFor(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test('if the commit fails, all work that shares it rejects and is rolled back', async () => {
  // A foreign key that is checked only at the commit.
  await sql`create table strict (id text references workspaces (id) deferrable initially deferred)`.execute(
    database.db,
  );
  const breaking = (db: Kysely<Tables>) => sql`insert into strict values ('missing')`.execute(db);
  const [alone, ...together] = await Promise.allSettled([
    database.transact(count('a')),
    database.transact(count('b')),
    database.transact(breaking),
    database.transact(count('c')),
  ]);
  expect(alone.status).toBe('fulfilled');
  for (const outcome of together) expect(outcome).toMatchObject({ status: 'rejected' });
  expect(await counted()).toEqual(['a']);
  await database.transact(count('d'));
  expect(await counted()).toEqual(['a', 'd']);
});

test('work that rejects because of other work of its group rejects only after the commit', async () => {
  await sql`create table strict (id text references workspaces (id) deferrable initially deferred)`.execute(
    database.db,
  );
  const failing = async (db: Kysely<Tables>) => {
    throw new Error(`there is ${await counted(db)} already`);
  };
  const [, , failed] = await Promise.allSettled([
    database.transact(count('a')),
    database.transact(count('b')),
    database.transact(failing),
    database.transact((db) => sql`insert into strict values ('missing')`.execute(db)),
  ]);
  expect(failed).toMatchObject({ reason: { message: expect.stringContaining('FOREIGN KEY') } });
});

test('a change outside any transaction waits for its turn, and a read does not', async () => {
  let seen: string[] | null = null;
  let outside: Promise<unknown> = Promise.resolve();
  await database.transact(async (db) => {
    await count('a')(db);
    outside = count('z')(database.db);
    seen = await counted();
    await count('b')(db);
    expect(await counted(db)).toEqual(['a', 'b']);
  });
  await outside;
  expect(seen).toEqual([]);
  expect(await counted()).toEqual(['a', 'b', 'z']);
});

test('if the disk is full, all work that shares the commit is STORAGE_FULL, also work that catches the error', async () => {
  const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(database.db);
  await sql.raw(`pragma max_page_count = ${rows[0]?.page_count}`).execute(database.db);
  const stubborn = async (db: Kysely<Tables>) => {
    const both = Promise.all([count('x'.repeat(100_000))(db), count('e')(db)]);
    await expect(both).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    await expect(count('c')(db)).rejects.toMatchObject({ code: 'STORAGE_FULL' });
  };
  const [alone, ...together] = await Promise.allSettled([
    database.transact(counted),
    database.transact(count('b')),
    database.transact(stubborn),
    database.transact(count('d')),
  ]);
  expect(alone.status).toBe('fulfilled');
  for (const outcome of together) expect(outcome).toMatchObject({ reason: { code: 'STORAGE_FULL' } });
  expect(await counted()).toEqual([]);
});

/** As `count`, with a deferred write. */
function countLater(key_id: string) {
  return (db: Kysely<Tables>) => countOne.writeOne(db, { key_id, day: 1, taken: 1 });
}

const countOne = new PreparedQuery<{ key_id: string; day: number; taken: number }>((db, row) =>
  db.insertInto('day_quotas').values(row),
);

test('if a deferred write fails, only its own work rejects, and all other work is committed', async () => {
  const outcomes = await Promise.allSettled(
    ['a', 'b', 'c', 'b', 'd'].map((name) => database.transact(countLater(name))),
  );
  expect(outcomes.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'fulfilled',
    'rejected',
    'fulfilled',
  ]);
  expect(outcomes[3]).toMatchObject({ reason: { message: expect.stringContaining('UNIQUE') } });
  expect(await counted()).toEqual(['a', 'b', 'c', 'd']);
});

test('work of a group shares its reads, which are repeated after a rollback', async () => {
  let reads = 0;
  const look = (fails: boolean) => async (_db: Kysely<Tables>, cache: TransactionCache) => {
    await cache.recall('common', async () => ++reads);
    if (fails) throw new Error('fails');
  };
  const asked = [false, false, false, true, false, false].map((fails) => database.transact(look(fails)));
  await Promise.allSettled(asked);
  // Once for the first work, which is alone, once for the group, and once after the rollback.
  expect(reads).toBe(3);
});

test('work that has waited five seconds rejects and is not run; work that has begun has no time limit', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let slow = Promise.resolve();
  await new Promise<void>((begun) => {
    slow = database.transact(async (db) => {
      begun();
      await held;
      await count('a')(db);
    });
  });
  const late = expect(database.transact(count('b'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await vi.advanceTimersByTimeAsync(5_000);
  await late;
  release();
  await slow;
  await database.transact(count('c'));
  expect(await counted()).toEqual(['a', 'c']);
});
