import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('usage_counts')
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('granularity', 'text', (column) => column.notNull())
    .addColumn('starts_at', 'bigint', (column) => column.notNull())
    .addColumn('code', 'text', (column) => column.notNull())
    .addColumn('count', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('usage_counts_pk', ['key_id', 'granularity', 'starts_at', 'code'])
    .execute();
  await createIndex(db, 'usage_counts', ['granularity', 'starts_at', 'key_id']);
  await db.schema
    .createTable('refusals')
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('code', 'text', (column) => column.notNull())
    .addColumn('minute', 'bigint', (column) => column.notNull())
    .addColumn('refused_at', 'bigint', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('refusals_pk', ['key_id', 'code', 'minute'])
    .execute();
  await createIndex(db, 'refusals', ['minute']);
}

async function createIndex(db: Kysely<unknown>, table: string, columns: string[]): Promise<void> {
  const name = `${table}_by_${columns.join('_')}`;
  await db.schema.createIndex(name).on(table).columns(columns).execute();
}
