import type { Kysely } from 'kysely';

/** The changes that were committed lately, to find the outcome of a commit whose answer was lost. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('operations')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('committed_at', 'bigint', (column) => column.notNull())
    .execute();
}
