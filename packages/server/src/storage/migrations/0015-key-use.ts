import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('api_keys')
    .addColumn('use', 'text', (column) => column.notNull().defaultTo('api'))
    .execute();
}
