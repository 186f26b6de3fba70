import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  // Without foreign keys, since entries stay after their target is deleted.
  await db.schema
    .createTable('audit_entries')
    .addColumn('workspace_id', 'text', (column) => column.notNull())
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('event_type', 'text', (column) => column.notNull())
    .addColumn('actor_id', 'text')
    .addColumn('actor_email', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('details', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('search_text', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('audit_entries_pk', ['workspace_id', 'sequence'])
    .execute();
  await createIndex(db, ['workspace_id', 'event_type', 'sequence']);
  await createIndex(db, ['workspace_id', 'actor_id', 'sequence']);
  await createIndex(db, ['workspace_id', 'created_at']);
  await db.schema
    .createTable('audit_checkpoints')
    .addColumn('workspace_id', 'text', (column) => column.primaryKey())
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .execute();
}

async function createIndex(db: Kysely<unknown>, columns: string[]): Promise<void> {
  const name = `audit_entries_by_${columns.join('_')}`;
  await db.schema.createIndex(name).on('audit_entries').columns(columns).execute();
}
