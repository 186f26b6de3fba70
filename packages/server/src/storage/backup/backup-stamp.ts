import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';

/** The metadata of a backup, stored in a separate table. */
export interface BackupStamp {
  /** The time of the state in the backup. */
  readonly madeAt: number;
  /** As in the pepper file; null: it was left out. */
  readonly pepper: string | null;
}

type StampTables = { backup_stamp: { made_at: number; pepper: string | null } };

export async function writeStamp(db: Kysely<Tables>, { madeAt, pepper }: BackupStamp): Promise<void> {
  await db.schema
    .createTable('backup_stamp')
    .addColumn('made_at', 'bigint', (column) => column.notNull())
    .addColumn('pepper', 'text')
    .execute();
  await db.withTables<StampTables>().insertInto('backup_stamp').values({ made_at: madeAt, pepper }).execute();
}

/** Null if the file is a database that was not written by a backup command. */
export async function readStamp(db: Kysely<Tables>): Promise<BackupStamp | null> {
  const tables = await db.introspection.getTables();
  if (!tables.some(({ name }) => name === 'backup_stamp')) return null;
  const row = await db
    .withTables<StampTables>()
    .selectFrom('backup_stamp')
    .selectAll()
    .executeTakeFirstOrThrow();
  return { madeAt: row.made_at, pepper: row.pepper };
}

/** Overwrites what it held, so that the file no longer contains the pepper. */
export async function removeStamp(db: Kysely<Tables>): Promise<void> {
  await sql`PRAGMA secure_delete = ON`.execute(db);
  await db.schema.dropTable('backup_stamp').ifExists().execute();
}
