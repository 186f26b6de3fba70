import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUILT_IN_CATALOGUE } from '@latchkey/contract';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Keyring } from '../../domain/shared/keyring.ts';
import { migrate } from '../migrations/migrate.ts';
import { bindPepper } from '../pepper/pepper-binding.ts';
import { openSuiteDatabase } from '../suites/open-suite-database.ts';
import { storageSuite } from '../suites/storage.suite.ts';
import type { SuiteDatabase } from '../suites/suite-database.ts';
import type { Database } from './engine.ts';
import { engineFor } from './registry.ts';
import { SqliteConnection } from './sqlite/connection.mjs';
import { sqlite } from './sqlite.ts';

const keyring = new Keyring(Buffer.alloc(32, 3));

describe('in memory', () => storageSuite(() => openSuiteDatabase()));

describe('in a file', () => {
  let folder: string;
  let database: SuiteDatabase;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-'));
    database = await openSuiteDatabase(`file:${join(folder, 'latchkey.db')}`);
  });
  afterAll(async () => {
    await database.close();
    rmSync(folder, { recursive: true });
  });

  // Opening a file starts three threads, so each test gets the same file, without rows.
  storageSuite(async () => {
    await deleteRows(database.db);
    const storage = await database.reopened(BUILT_IN_CATALOGUE);
    return { ...database, storage, close: async () => {} };
  });
});

/** Deletes the rows of all our tables; the migrations insert none. */
async function deleteRows(db: Database['db']): Promise<void> {
  const tables = await db.introspection.getTables();
  await db.transaction().execute(async (transaction) => {
    await sql`pragma defer_foreign_keys = on`.execute(transaction);
    for (const { name } of tables) await sql`delete from ${sql.table(name)}`.execute(transaction);
  });
}

const MEGABYTE = 2 ** 20;

function statement(sql: string) {
  return { sql, parameters: [] };
}

/** Writes and deletes `megabytes` rows of one megabyte each. */
async function fill(db: Database['db'], megabytes: number): Promise<void> {
  const blobs = db.withTables<{ installation: { id: number; pepper_id: string; created_at: number } }>();
  for (let count = 0; count < megabytes; count++) {
    await blobs
      .insertInto('installation')
      .values({ id: 1, pepper_id: 'x'.repeat(MEGABYTE), created_at: 1 })
      .execute();
    await blobs.deleteFrom('installation').execute();
  }
}

/** Overwrites the first page of a table with 0xff. */
async function overwriteTable(path: string, table: string): Promise<void> {
  const connection = await SqliteConnection.open(path, { readOnly: false });
  const { answers } = connection.run([
    statement('PRAGMA wal_checkpoint(TRUNCATE)'),
    statement(`select rootpage from sqlite_schema where name = '${table}'`),
    statement('PRAGMA page_size'),
  ]);
  connection.close();
  const [, [{ rootpage }], [{ page_size }]] = answers.map(({ rows }) => rows) as unknown as [
    unknown,
    [{ rootpage: number }],
    [{ page_size: number }],
  ];
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(page_size, 0xff), 0, page_size, (rootpage - 1) * page_size);
  closeSync(file);
}

/** A statement that takes about as long as reading `count` rows. */
function countTo(count: number) {
  return sql`with recursive numbers (number) as (select 1 union all select number + 1 from numbers where number < ${count})
    select max(number) as last from numbers`;
}

describe('a database file', () => {
  let folder: string;
  let url: string;
  const opened: Database[] = [];

  async function openFile(): Promise<Database> {
    const database = await sqlite.open(url);
    opened.push(database);
    return database;
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-'));
    url = `file:${join(folder, 'deep', 'latchkey.db')}`;
  });
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close();
    rmSync(folder, { recursive: true });
  });

  test('is created with its folder, and only its owner can read it', async () => {
    await openFile();
    const path = join(folder, 'deep', 'latchkey.db');
    expect(existsSync(path)).toBe(true);
    for (const file of [path, `${path}.lock`]) expect(statSync(file).mode & 0o077).toBe(0);
  });

  test('a second open fails with one line that the file is in use, and the first still works', async () => {
    const first = await openFile();
    await migrate(first.db, keyring);
    await expect(openFile()).rejects.toThrow(/^another process is using .*latchkey\.db\. Stop it first/);
    expect(await first.db.selectFrom('workspaces').selectAll().execute()).toEqual([]);
  });

  test('can be opened again after it was closed, also twice', async () => {
    const first = await openFile();
    await first.close();
    await first.close();
    await expect(openFile()).resolves.toBeDefined();
  });

  test("a file that is not a database fails with SQLite's message and is not left locked", async () => {
    const path = join(folder, 'latchkey.db');
    url = `file:${path}`;
    writeFileSync(path, 'not a database at all'.repeat(100));
    await expect(openFile()).rejects.toThrow('file is not a database');
    rmSync(path);
    await expect(openFile()).resolves.toBeDefined();
  });

  test('migrating twice changes nothing, and a schema of a newer build is an error', async () => {
    const { db } = await openFile();
    await migrate(db, keyring);
    await migrate(db, keyring);
    const migrations = db.withTables<{ kysely_migration: { name: string; timestamp: string } }>();
    await migrations
      .insertInto('kysely_migration')
      .values({ name: '9999-later', timestamp: 'now' })
      .execute();
    await expect(migrate(db, keyring)).rejects.toThrow('written by a newer Latchkey (schema 9999-later)');
  });

  test('a migration that fails is rolled back with those before it', async () => {
    const { db } = await openFile();
    await db.schema.createTable('audit_entries').addColumn('ours', 'text').execute();
    await expect(migrate(db, keyring)).rejects.toThrow('table "audit_entries" already exists');
    const tables = await db.introspection.getTables();
    expect(tables.map(({ name }) => name)).toEqual(['audit_entries']);
  });

  test('the log file is truncated once no other process reads from it', async () => {
    const { db } = await openFile();
    const path = join(folder, 'deep', 'latchkey.db');
    await migrate(db, keyring);
    const outside = await SqliteConnection.open(path, { readOnly: true });
    outside.run([statement('begin'), statement('select * from installation')]);
    await fill(db, 48);
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(32 * MEGABYTE);
    outside.run([statement('commit')]);
    outside.close();
    await fill(db, 48);
    expect(statSync(`${path}-wal`).size).toBeLessThan(32 * MEGABYTE);
  });

  test('a look-up of a credential does not wait for a list', async () => {
    const { db, lookups } = await openFile();
    const select = (from: Database['db'], count: number) =>
      from
        .selectFrom(sql<{ last: number }>`(${countTo(count)})`.as('counted'))
        .selectAll()
        .execute();
    const order: string[] = [];
    const list = select(db, 300_000).then(() => order.push('list'));
    await select(lookups, 1).then(() => order.push('look-up'));
    await list;
    expect(order).toEqual(['look-up', 'list']);
  });

  test('a change waits for the lock of another process, such as a backup', async () => {
    const { db } = await openFile();
    await migrate(db, keyring);
    const outside = await SqliteConnection.open(join(folder, 'deep', 'latchkey.db'), { readOnly: false });
    outside.run([statement('begin immediate')]);
    const change = fill(db, 1);
    setTimeout(() => outside.run([statement('rollback')]), 200);
    await expect(change).resolves.toBeUndefined();
    outside.close();
  });

  test('a page that cannot be read is UNAVAILABLE, not an error of the statement', async () => {
    const path = join(folder, 'deep', 'latchkey.db');
    const first = await openFile();
    await migrate(first.db, keyring);
    await first.close();
    await overwriteTable(path, 'users');
    const { db } = await openFile();
    await expect(db.selectFrom('users').selectAll().execute()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await db.selectFrom('workspaces').selectAll().execute()).toEqual([]);
  });

  test('is bound to its pepper: another pepper is denied', async () => {
    const { db } = await openFile();
    await migrate(db, keyring);
    await bindPepper(db, keyring, 1);
    await bindPepper(db, keyring, 2);
    await expect(bindPepper(db, new Keyring(Buffer.alloc(32, 4)), 3)).rejects.toThrow(
      'made with another pepper',
    );
  });
});

test('a URL with an unknown scheme is an error that lists the supported ones', () => {
  expect(() => engineFor('mysql://localhost/latchkey')).toThrow(
    'scheme "mysql:"; this version of Latchkey opens file:, sqlite:, postgres:, postgresql:',
  );
});
