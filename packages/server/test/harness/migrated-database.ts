import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Kysely, sql } from 'kysely';
import { Keyring } from '../../src/domain/shared/keyring.ts';
import type { Database } from '../../src/storage/engines/engine.ts';
import { sqlite } from '../../src/storage/engines/sqlite.ts';
import { migrate } from '../../src/storage/migrations/migrate.ts';
import type { Tables } from '../../src/storage/tables.ts';

const IN_MEMORY = 'file::memory:';

/** A file with the current schema and no data. Each process makes it once, by running the migrations. */
let template: Promise<string> | null = null;

/**
 * Opens a new database, by default in memory, whose schema is a copy of what the migrations make. Tests of the migrations
 * run `migrate` themselves.
 */
export async function openMigrated(url = IN_MEMORY): Promise<Database> {
  template ??= makeTemplate();
  const from = await template;
  const file = sqlite.fileOf(url);
  if (file !== null) {
    mkdirSync(path.dirname(file), { recursive: true });
    copyFileSync(from, file);
    return sqlite.open(url);
  }
  const database = await sqlite.open(url);
  await copyFrom(from, database.db);
  return database;
}

async function makeTemplate(): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'latchkey-template-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'template.db');
  // It has no log when it is closed, so that a copy into memory neither writes nor syncs a file.
  const database = await sqlite.openCopy(file);
  await migrate(database.db, new Keyring(Buffer.alloc(32)));
  await database.close();
  return file;
}

/** Copies the schema and the rows of a database file into an empty database of one connection. */
async function copyFrom(file: string, db: Kysely<Tables>): Promise<void> {
  await sql`attach ${file} as template`.execute(db);
  const { rows: objects } = await sql<{ type: string; name: string; sql: string }>`
    select type, name, sql from template.sqlite_schema where sql is not null order by rowid`.execute(db);
  for (const object of objects) await sql.raw(object.sql).execute(db);
  for (const { type, name } of objects) {
    if (type !== 'table') continue;
    await sql`insert into main.${sql.id(name)} select * from template.${sql.id(name)}`.execute(db);
  }
  await sql`detach template`.execute(db);
}
