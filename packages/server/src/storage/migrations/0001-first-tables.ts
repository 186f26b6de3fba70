import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await createInstallation(db);
  await createPermissionSets(db);
  await createWorkspaces(db);
  await createPeople(db);
  await createKeys(db);
  await createSecrets(db);
  await createCallRecords(db);
}

async function createInstallation(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('installation')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('pepper_id', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
}

async function createPermissionSets(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('permission_sets')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('permissions', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('permission_set_entries')
    .addColumn('set_id', 'text', (column) => column.notNull().references('permission_sets.id'))
    .addColumn('permission', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('permission_set_entries_pk', ['set_id', 'permission'])
    .execute();
  await createIndex(db, 'permission_set_entries', ['permission', 'set_id']);
}

async function createWorkspaces(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('workspaces')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('key_prefix', 'text', (column) => column.notNull())
    .addColumn('key_environment', 'text', (column) => column.notNull())
    .addColumn('permission_mode', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('suspended_at', 'bigint')
    .addColumn('deleted_at', 'bigint')
    .execute();
  await db.schema
    .createTable('roles')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('workspace_id', 'text', (column) => column.notNull().references('workspaces.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('name_folded', 'text', (column) => column.notNull())
    .addColumn('description', 'text')
    .addColumn('permission_set_id', 'text', (column) => column.notNull().references('permission_sets.id'))
    .addColumn('system_name', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('roles_name', ['workspace_id', 'name_folded'])
    .execute();
}

async function createPeople(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('users')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('email', 'text', (column) => column.notNull())
    .addColumn('email_folded', 'text', (column) => column.notNull().unique())
    .addColumn('display_name', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('members')
    .addColumn('workspace_id', 'text', (column) => column.notNull().references('workspaces.id'))
    .addColumn('user_id', 'text', (column) => column.notNull().references('users.id'))
    .addColumn('role_id', 'text', (column) => column.notNull().references('roles.id'))
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('members_pk', ['workspace_id', 'user_id'])
    .execute();
  await createIndex(db, 'members', ['role_id']);
  await createIndex(db, 'members', ['user_id']);
  await createInvitations(db);
}

async function createInvitations(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('invitations')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('workspace_id', 'text', (column) => column.notNull().references('workspaces.id'))
    .addColumn('inviter_id', 'text', (column) => column.notNull().references('users.id'))
    .addColumn('inviter_key_id', 'text')
    .addColumn('email', 'text', (column) => column.notNull())
    .addColumn('email_folded', 'text', (column) => column.notNull())
    .addColumn('role_id', 'text', (column) => column.notNull())
    .addColumn('role_name', 'text', (column) => column.notNull())
    .addColumn('message', 'text')
    .addColumn('digest', 'text', (column) => column.notNull().unique())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('accepted_at', 'bigint')
    .addColumn('revoked_at', 'bigint')
    .execute();
  await createIndex(db, 'invitations', ['workspace_id', 'created_at', 'id']);
  await createIndex(db, 'invitations', ['workspace_id', 'email_folded']);
}

async function createKeys(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('api_keys')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('workspace_id', 'text', (column) => column.notNull().references('workspaces.id'))
    .addColumn('user_id', 'text', (column) => column.notNull().references('users.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('name_folded', 'text', (column) => column.notNull())
    .addColumn('hint', 'text', (column) => column.notNull())
    .addColumn('is_active', 'integer', (column) => column.notNull())
    .addColumn('permission_set_id', 'text', (column) => column.notNull().references('permission_sets.id'))
    .addColumn('owner_held', 'text', (column) => column.notNull().references('permission_sets.id'))
    .addColumn('requests_per_minute', 'integer')
    .addColumn('requests_per_day', 'integer')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('created_by_kind', 'text', (column) => column.notNull())
    .addColumn('created_by_user_id', 'text', (column) => column.notNull())
    .addColumn('created_by_key_id', 'text')
    .addColumn('last_used_at', 'bigint')
    .addColumn('expires_at', 'bigint')
    .addColumn('revoked_at', 'bigint')
    .addColumn('revoked_reason', 'text')
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('seal', 'text', (column) => column.notNull())
    .execute();
  await createIndex(db, 'api_keys', ['workspace_id', 'created_at', 'id']);
  await createIndex(db, 'api_keys', ['workspace_id', 'user_id', 'created_at', 'id']);
  await createIndex(db, 'api_keys', ['workspace_id', 'permission_set_id']);
  await createIndex(db, 'api_keys', ['created_by_key_id']);
}

async function createSecrets(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('api_key_secrets')
    .addColumn('digest', 'text', (column) => column.primaryKey())
    .addColumn('workspace_id', 'text', (column) => column.notNull())
    .addColumn('key_id', 'text', (column) => column.notNull().references('api_keys.id'))
    .addColumn('pepper_id', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('retires_at', 'bigint')
    .addColumn('seal', 'text', (column) => column.notNull())
    .execute();
  await createIndex(db, 'api_key_secrets', ['key_id']);
}

async function createCallRecords(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('replays')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('workspace_id', 'text', (column) => column.notNull())
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('fingerprint', 'text', (column) => column.notNull())
    .addColumn('sealed', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await createIndex(db, 'replays', ['created_at']);
  await db.schema
    .createTable('day_quotas')
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('day', 'integer', (column) => column.notNull())
    .addColumn('taken', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('day_quotas_pk', ['key_id', 'day'])
    .execute();
  await createIndex(db, 'day_quotas', ['day']);
}

async function createIndex(db: Kysely<unknown>, table: string, columns: string[]): Promise<void> {
  const name = `${table}_by_${columns.join('_')}`;
  await db.schema.createIndex(name).on(table).columns(columns).execute();
}
