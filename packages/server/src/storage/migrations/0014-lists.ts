import type { Kysely } from 'kysely';

/** Members are listed in the order in which they came, a page at a time. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createIndex('members_by_workspace_id_created_at_user_id')
    .on('members')
    .columns(['workspace_id', 'created_at', 'user_id'])
    .execute();
}
