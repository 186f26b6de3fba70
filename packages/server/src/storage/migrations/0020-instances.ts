import type { Kysely } from 'kysely';

/** What instances know of each other. Unused where a database has one process only. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('instances')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('version', 'text', (column) => column.notNull())
    .addColumn('host', 'text', (column) => column.notNull())
    .addColumn('pid', 'integer', (column) => column.notNull())
    .addColumn('started_at', 'bigint', (column) => column.notNull())
    .addColumn('heartbeat_at', 'bigint', (column) => column.notNull())
    .addColumn('live_until', 'bigint', (column) => column.notNull())
    .addColumn('lag_ms', 'integer', (column) => column.notNull())
    .addColumn('cached_keys', 'integer', (column) => column.notNull())
    .addColumn('last_error_at', 'bigint')
    .addColumn('last_error', 'text')
    .execute();
  await db.schema
    .createTable('confirmations')
    .addColumn('receipt', 'text', (column) => column.notNull())
    .addColumn('instance_id', 'text', (column) => column.notNull())
    .addColumn('confirmed_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('confirmations_pk', ['receipt', 'instance_id'])
    .execute();
  await db.schema
    .createTable('job_leases')
    .addColumn('job', 'text', (column) => column.primaryKey())
    .addColumn('holder', 'text')
    .addColumn('held_until', 'bigint', (column) => column.notNull())
    .addColumn('due_at', 'bigint', (column) => column.notNull())
    .execute();
}
