import { type Kysely, PostgresAdapter, sql } from 'kysely';

/** The changes that instances tell each other. Unused where a database has one process only. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const isShared = db.getExecutor().adapter instanceof PostgresAdapter;
  await db.schema
    .createTable('invalidations')
    // The transaction that made the change.
    .addColumn('xid', isShared ? sql`xid8` : 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('workspace_id', 'text')
    .addColumn('subject', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await createIndex(db, 'invalidations', 'xid');
  await createIndex(db, 'invalidations', 'created_at');
  await createIndex(db, 'operations', 'committed_at');
}

async function createIndex(db: Kysely<unknown>, table: string, column: string): Promise<void> {
  await db.schema.createIndex(`${table}_by_${column}`).on(table).column(column).execute();
}
