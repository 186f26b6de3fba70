import type { Kysely } from 'kysely';

/** When the pepper of the database was last replaced; null: never. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('installation').addColumn('pepper_since', 'bigint').execute();
}
