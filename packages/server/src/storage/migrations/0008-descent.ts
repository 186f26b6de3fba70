import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Keyring, SealedField } from '../../domain/shared/keyring.ts';
import { requireOwnPepper } from '../pepper/pepper-binding.ts';
import type { InvitationRow, Tables } from '../tables.ts';

/** Stores the parent of each credential, and seals invitations. */
export async function up(db: Kysely<Tables>, keyring: Keyring): Promise<void> {
  await requireOwnPepper(db, keyring);
  await createDescent(db);
  for (const table of ['sessions', 'sign_in_links'] as const) {
    await db.schema.alterTable(table).addColumn('issuer_id', 'text').execute();
    await db.schema.alterTable(table).addColumn('secret_digest', 'text').execute();
  }
  await db.schema.alterTable('invitations').addColumn('inviter_secret_digest', 'text').execute();
  await db.schema
    .alterTable('invitations')
    .addColumn('seal', 'text', (column) => column.notNull().defaultTo(''))
    .execute();
  await recordKnownParents(db);
  await sealInvitations(db, keyring);
}

async function createDescent(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .createTable('descent')
    .addColumn('workspace_id', 'text', (column) => column.notNull())
    .addColumn('child_id', 'text', (column) => column.notNull())
    .addColumn('child_kind', 'text', (column) => column.notNull())
    .addColumn('parent_id', 'text')
    .addColumn('member_id', 'text')
    .addPrimaryKeyConstraint('descent_pk', ['child_id', 'workspace_id'])
    .execute();
  await createIndex(db, 'descent_by_parent_id', 'parent_id', sql`parent_id is not null`);
  await createIndex(db, 'descent_by_member_id', 'member_id', sql`member_id is not null`);
  const isSignIn = sql<SqlBool>`child_kind in ('session', 'sign-in-link')`;
  await createIndex(db, 'descent_of_sign_ins', 'child_id', isSignIn);
  await db.schema.dropIndex('api_keys_by_created_by_key_id').execute();
}

async function createIndex(
  db: Kysely<Tables>,
  name: string,
  column: string,
  condition: RawBuilder<SqlBool>,
): Promise<void> {
  await db.schema.createIndex(name).on('descent').column(column).where(condition).execute();
}

/** Older rows have the key that made them, but not its secret. Rows without a key have no parent. */
async function recordKnownParents(db: Kysely<Tables>): Promise<void> {
  await sql`insert into descent (workspace_id, child_id, child_kind, parent_id, member_id)
    select workspace_id, id, 'api-key', created_by_key_id, created_by_user_id from api_keys
      where created_by_key_id is not null
    union all select workspace_id, id, 'session', key_id, user_id from sessions where key_id is not null
    union all select workspace_id, id, 'sign-in-link', key_id, user_id from sign_in_links
      where key_id is not null
    union all select workspace_id, id, 'invitation', inviter_key_id, inviter_id from invitations
      where inviter_key_id is not null`.execute(db);
  await sql`insert into descent (workspace_id, child_id, child_kind, parent_id)
    select members.workspace_id, members.user_id, 'member', max(invitations.id) from invitations
      inner join users on users.email_folded = invitations.email_folded
      inner join members on members.user_id = users.id and members.workspace_id = invitations.workspace_id
      where invitations.accepted_at is not null
      group by members.workspace_id, members.user_id`.execute(db);
}

async function sealInvitations(db: Kysely<Tables>, keyring: Keyring): Promise<void> {
  for (const row of await db.selectFrom('invitations').selectAll().execute()) {
    const seal = keyring.sealRow('invitation', authorityOf(row));
    await db.updateTable('invitations').set({ seal }).where('id', '=', row.id).execute();
  }
}

/** The sealed fields at this version of the schema. A copy of those in the store, which may change in later versions. */
function authorityOf(row: InvitationRow): SealedField[] {
  return [
    row.id,
    row.workspace_id,
    row.inviter_id,
    row.inviter_key_id,
    row.inviter_secret_digest,
    row.email_folded,
    row.role_id,
    row.digest,
    row.created_at,
    row.expires_at,
    row.accepted_at,
    row.revoked_at,
  ];
}
