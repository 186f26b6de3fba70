import type { Kysely } from 'kysely';

/** The ids of the peppers that an instance has; null: it runs a version that does not write them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('instances').addColumn('pepper_ids', 'text').execute();
}
