import { type Kysely, sql } from 'kysely';
import type { Keyring, SealedField } from '../../../domain/shared/keyring.ts';
import type { Person } from './plan.ts';
import type { Before, OldInvitation, OldKey, OldSession } from './tables.ts';

/**
 * Writes the new id of their person to the rows of a workspace. An invalid seal stays invalid, so that its row does not
 * become trusted again.
 */
export async function moveReferences(
  db: Kysely<Before>,
  keyring: Keyring,
  people: readonly Person[],
): Promise<void> {
  for (const person of people.filter(({ id, oldId }) => id !== oldId)) {
    const { id, oldId, workspaceId } = person;
    await sql`update members set user_id = ${id}
      where workspace_id = ${workspaceId} and user_id = ${oldId}`.execute(db);
    await sql`update descent set child_id = ${id}
      where workspace_id = ${workspaceId} and child_kind = 'member' and child_id = ${oldId}`.execute(db);
    await sql`update descent set member_id = ${id}
      where workspace_id = ${workspaceId} and member_id = ${oldId}`.execute(db);
    await sql`update descent set parent_id = ${id}
      where workspace_id = ${workspaceId} and parent_id = ${oldId}`.execute(db);
    await moveInvitations(db, keyring, person);
    await moveKeys(db, keyring, person);
    await moveSessions(db, keyring, person, 'sessions', 'session');
    await moveSessions(db, keyring, person, 'sign_in_links', 'sign-in-link');
  }
}

async function moveKeys(
  db: Kysely<Before>,
  keyring: Keyring,
  { id, oldId, workspaceId }: Person,
): Promise<void> {
  await db
    .updateTable('api_keys')
    .set({ created_by_user_id: id })
    .where('workspace_id', '=', workspaceId)
    .where('created_by_user_id', '=', oldId)
    .execute();
  const rows = await db
    .selectFrom('api_keys')
    .innerJoin('permission_sets', 'permission_sets.id', 'api_keys.permission_set_id')
    .selectAll('api_keys')
    .select('permission_sets.permissions')
    .where('workspace_id', '=', workspaceId)
    .where('user_id', '=', oldId)
    .execute();
  for (const row of rows) {
    const sealed = keyring.isIntact(row.seal, 'api_key', authorityOfKey(row));
    const seal = sealed ? keyring.sealRow('api_key', authorityOfKey({ ...row, user_id: id })) : row.seal;
    await db.updateTable('api_keys').set({ user_id: id, seal }).where('id', '=', row.id).execute();
  }
}

async function moveInvitations(
  db: Kysely<Before>,
  keyring: Keyring,
  { id, oldId, workspaceId }: Person,
): Promise<void> {
  const rows = await db
    .selectFrom('invitations')
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('inviter_id', '=', oldId)
    .execute();
  for (const row of rows) {
    const sealed = keyring.isIntact(row.seal, 'invitation', authorityOfInvitation(row));
    const moved = { ...row, inviter_id: id };
    const seal = sealed ? keyring.sealRow('invitation', authorityOfInvitation(moved)) : row.seal;
    await db.updateTable('invitations').set({ inviter_id: id, seal }).where('id', '=', row.id).execute();
  }
}

async function moveSessions(
  db: Kysely<Before>,
  keyring: Keyring,
  { id, oldId, workspaceId }: Person,
  table: 'sessions' | 'sign_in_links',
  kind: string,
): Promise<void> {
  const rows = await db
    .selectFrom(table)
    .selectAll()
    .where('workspace_id', '=', workspaceId)
    .where('user_id', '=', oldId)
    .execute();
  for (const row of rows) {
    const sealed = keyring.isIntact(row.seal, kind, authorityOfSession(row));
    const issuer_id = row.issuer_id === oldId ? id : row.issuer_id;
    const moved = { ...row, user_id: id, issuer_id };
    const seal = sealed ? keyring.sealRow(kind, authorityOfSession(moved)) : row.seal;
    await db
      .updateTable(table)
      .set({ user_id: id, issuer_id, seal })
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', row.id)
      .execute();
  }
}

/*
 * The sealed fields at this version of the schema. A copy of those in the stores, which may change in later versions.
 */

function authorityOfKey(row: OldKey & { permissions: string }): SealedField[] {
  return [
    row.id,
    row.workspace_id,
    row.user_id,
    row.permissions,
    row.requests_per_minute,
    row.requests_per_day,
    row.expires_at,
    row.is_active,
    row.revoked_at,
    row.created_at,
    row.created_by_key_id,
  ];
}

function authorityOfSession(row: OldSession): SealedField[] {
  const { issuer_id, secret_digest } = row;
  const issuer = issuer_id === null && secret_digest === null ? [] : [issuer_id, secret_digest];
  const link = [row.id, row.workspace_id, row.user_id, row.key_id, row.digest];
  return [...link, row.created_at, row.expires_at, ...issuer];
}

function authorityOfInvitation(row: OldInvitation): SealedField[] {
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
