import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createDemo } from '../../src/compose-demo.ts';
import { copyTo, migrateSchema, pendingMigrations } from '../../src/compose-migrate.ts';
import { type Config, loadConfig } from '../../src/config/config.ts';
import { engineFor } from '../../src/storage/engines/registry.ts';
import type { Tables } from '../../src/storage/tables.ts';
import { HttpClient } from '../harness/http-client.ts';
import { createPostgresDatabase, type PostgresDatabase } from '../harness/postgres-database.ts';
import { runCli } from '../harness/service-core.ts';
import { startService } from '../harness/service-process.ts';

/** Of 20,000 in the demonstration. Rows are copied in pages of 1,000, so that more of them would be more of the same. */
const USAGE_ROWS = 1_500;

let folder: string;
/** The settings of a service over SQLite with a company of people, keys and a history. */
let original: Config;
let ownerKey: string;
/** A copy of it in PostgreSQL. */
let copied: PostgresDatabase;
let checksum: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'latchkey-migrate-'));
  original = loadConfig({ LATCHKEY_DATA_DIR: path.join(folder, 'data') }, {});
  ownerKey = (await createDemo(original, 1)).secret;
  await edit(original.databaseUrl, (db) =>
    sql`delete from usage_counts where rowid not in (select rowid from usage_counts limit ${USAGE_ROWS})`.execute(
      db,
    ),
  );
  copied = await createPostgresDatabase(null);
  checksum = (await copyTo(original, { to: copied.url })).checksum;
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await copied.drop();
});

/** Dropped at the end of the test. */
async function anotherDatabase(template?: null): Promise<PostgresDatabase> {
  const database = await createPostgresDatabase(template);
  onTestFinished(() => database.drop());
  return database;
}

const over = (databaseUrl: string): Config => ({ ...original, databaseUrl });

/** What the database holds, read without the code that copies: rows by table, in no order. */
async function contentsOf(url: string): Promise<Record<string, string[]>> {
  const database = await engineFor(url).open(url);
  try {
    const contents: Record<string, string[]> = {};
    for (const { name } of await database.db.introspection.getTables()) {
      const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(name)}`.execute(
        database.db,
      );
      contents[name] = rows.map((row) => JSON.stringify(Object.entries(row).toSorted())).toSorted();
    }
    return contents;
  } finally {
    await database.close();
  }
}

/** Runs statements in a database from outside. */
async function edit(url: string, work: (db: Kysely<Tables>) => Promise<unknown>): Promise<void> {
  const database = await engineFor(url).open(url);
  try {
    await work(database.db);
  } finally {
    await database.close();
  }
}

async function rowsIn(url: string): Promise<number> {
  const contents = await contentsOf(url);
  return Object.values(contents).reduce((sum, rows) => sum + rows.length, 0);
}

test('every row arrives in PostgreSQL and comes back to SQLite unchanged, and keys go on', async () => {
  const back = `file:${path.join(folder, 'back', 'latchkey.db')}`;
  const env = { LATCHKEY_DATA_DIR: original.dataDir, DATABASE_URL: copied.url };
  const output = await runCli(['migrate', '--to', back], env);
  expect(output).toMatch(/^Copied [\d,]+ rows in [\d.]+ s: [\d,]+ keys, [\d,]+ audit entries\.\n/);
  expect(output).toContain(`Both sides have the checksum ${checksum}. The audit log is intact.`);
  expect(output).toContain('Do not start it over the old database again');
  expect(output).not.toContain(new URL(copied.url).password);
  const [before, inPostgres, inSqlite] = [
    await contentsOf(original.databaseUrl),
    await contentsOf(copied.url),
    await contentsOf(back),
  ];
  const headFile = (row: string) => row.replace(/\["head_file_at",\w+\]/, '');
  for (const [table, rows] of Object.entries(before).filter(([name]) => name !== 'operations')) {
    expect(inPostgres[table]?.map(headFile), table).toEqual(rows.map(headFile));
    expect(inSqlite[table]?.map(headFile), table).toEqual(rows.map(headFile));
  }
  const started = { LATCHKEY_PEPPER_FILE: original.pepperFile, DATABASE_URL: back };
  const service = await startService({ dataDir: path.join(folder, 'other'), env: started });
  const client = new HttpClient(service.url);
  expect((await client.call('GET', '/api/v2/api-keys/check', { as: ownerKey })).status).toBe(200);
  client.close();
  await service.kill();
});

test('a database that has rows is not a target, and a copy that changes one letter of a row is found; nothing is left', async () => {
  const rows = await rowsIn(copied.url);
  const full = 'is not empty: its table installation has rows';
  await expect(copyTo(original, { to: copied.url })).rejects.toThrow(full);
  expect(await rowsIn(copied.url)).toBe(rows);
  await expect(copyTo(original, { to: original.databaseUrl })).rejects.toThrow('is the database itself');
  const falsifying = await anotherDatabase();
  await edit(falsifying.url, async (db) => {
    await sql`create function falsify() returns trigger language plpgsql as
      $$ begin new.name := overlay(new.name placing 'x' from 1); return new; end $$`.execute(db);
    await sql`create trigger falsify before insert on roles for each row when (new.system_name = 'Viewer')
      execute function falsify()`.execute(db);
  });
  const schemaRows = await rowsIn(falsifying.url);
  const differs = 'the copy of the table roles differs';
  await expect(copyTo(original, { to: falsifying.url })).rejects.toThrow(differs);
  expect(await rowsIn(falsifying.url)).toBe(schemaRows);
});

test('a copy that is interrupted leaves nothing, and can be repeated', async () => {
  const stop = (step: string, part: number) => {
    if (step === 'copy' && part > 0.7) throw new Error('interrupted');
  };
  const file = path.join(folder, 'interrupted', 'latchkey.db');
  await expect(copyTo(original, { to: `file:${file}`, onProgress: stop })).rejects.toThrow('interrupted');
  expect(readdirSync(path.dirname(file))).toEqual([]);
  const { url } = await anotherDatabase(null);
  await expect(copyTo(original, { to: url, onProgress: stop })).rejects.toThrow('interrupted');
  expect(await copyTo(original, { to: url })).toMatchObject({ checksum });
});

test('an edited audit log is not copied', async () => {
  const { url } = await anotherDatabase(null);
  await edit(original.databaseUrl, (db) =>
    db.updateTable('audit_entries').set({ actor_email: 'x@example.com' }).where('sequence', '=', 7).execute(),
  );
  await expect(copyTo(original, { to: url })).rejects.toThrow('is not intact: entry 7 was edited');
});

test('nothing is copied from a database over which a service is running, on either engine', async () => {
  const { url } = await anotherDatabase(null);
  for (const config of [original, over(copied.url)]) {
    const env = { DATABASE_URL: config.databaseUrl, LATCHKEY_PEPPER_FILE: original.pepperFile };
    const service = await startService({ dataDir: path.join(folder, 'running'), env });
    onTestFinished(() => service.kill());
    const inUse = /a service is running over|another process is using/;
    await expect(copyTo(config, { to: url })).rejects.toThrow(inUse);
    await service.stop();
  }
  expect(await rowsIn(url)).toBe(0);
});

/** The newest migration. */
const NEWEST = '0022-instance-peppers';

async function instanceColumns(url: string): Promise<string[]> {
  const database = await engineFor(url).open(url);
  try {
    const tables = await database.db.introspection.getTables();
    return tables.find(({ name }) => name === 'instances')?.columns.map(({ name }) => name) ?? [];
  } finally {
    await database.close();
  }
}

test('the schema of a file is migrated ahead of the start, after a copy of the file', async () => {
  expect(await migrateSchema(original)).toEqual({ migrations: [], copy: null });
  const { databaseUrl } = original;
  const before = await contentsOf(databaseUrl);
  await edit(databaseUrl, async (db) => {
    await sql`alter table instances drop column pepper_ids`.execute(db);
    await sql`delete from kysely_migration where name = ${NEWEST}`.execute(db);
  });
  const pending = await pendingMigrations(original);
  expect(pending).toEqual([NEWEST]);
  const copy = path.join(original.dataDir, `latchkey.db.before-${NEWEST}`);
  expect(await migrateSchema(original)).toEqual({ migrations: pending, copy });
  const old = await contentsOf(`file:${copy}`);
  expect(await instanceColumns(`file:${copy}`)).not.toContain('pepper_ids');
  expect(await instanceColumns(databaseUrl)).toContain('pepper_ids');
  expect(old.api_keys).toEqual(before.api_keys);
  expect((await contentsOf(databaseUrl)).api_keys).toEqual(before.api_keys);
});
