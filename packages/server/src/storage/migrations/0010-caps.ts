import { type Kysely, type SqlBool, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sent_mails')
    .addColumn('workspace_id', 'text', (column) => column.notNull().references('workspaces.id'))
    .addColumn('sent_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('sent_mails_by_workspace_id_sent_at')
    .on('sent_mails')
    .columns(['workspace_id', 'sent_at'])
    .execute();
  await db.schema
    .createIndex('open_invitations_by_workspace_id_expires_at')
    .on('invitations')
    .columns(['workspace_id', 'expires_at'])
    .where(sql<SqlBool>`accepted_at is null and revoked_at is null`)
    .execute();
}
