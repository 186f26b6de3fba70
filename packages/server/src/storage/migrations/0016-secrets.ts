import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';

type Keys = {
  api_keys: { id: string; last_used_at: number | null; secret_used_at: number | null };
  api_key_secrets: { key_id: string; retires_at: number | null };
};

/** For lists of the keys that a key made: most keys were not made by one. */
const MADE_BY = {
  living_keys_by_created_by: sql<SqlBool>`created_by_key_id is not null and revoked_at is null`,
  revoked_keys_by_created_by: sql<SqlBool>`created_by_key_id is not null and revoked_at is not null`,
};

const COLUMNS = [
  'workspace_id',
  'created_by_key_id',
  'is_active',
  'expires_at',
  'user_id',
  'id',
  'revoked_at',
];

/**
 * Adds the hint of a key's old secret, when each of its two secrets was last used, how often the old one was used, and indexes
 * of the keys that a key made. For a key that was rotated before, it is unknown which secret was used.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('api_keys').addColumn('old_hint', 'text').execute();
  await db.schema.alterTable('api_keys').addColumn('secret_used_at', 'bigint').execute();
  await db.schema.alterTable('api_keys').addColumn('old_secret_used_at', 'bigint').execute();
  const keys = db.withTables<Keys>();
  const rotated = keys.selectFrom('api_key_secrets').select('key_id').where('retires_at', 'is not', null);
  await keys
    .updateTable('api_keys')
    .set((expression) => ({ secret_used_at: expression.ref('last_used_at') }))
    .where('id', 'not in', rotated)
    .execute();
  await db.schema
    .createTable('old_secret_uses')
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('minute', 'bigint', (column) => column.notNull())
    .addColumn('count', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('old_secret_uses_pk', ['key_id', 'minute'])
    .execute();
  await db.schema
    .createIndex('old_secret_uses_by_minute')
    .on('old_secret_uses')
    .columns(['minute'])
    .execute();
  for (const [name, condition] of Object.entries(MADE_BY)) await createIndex(db, name, condition);
}

async function createIndex(db: Kysely<unknown>, name: string, condition: RawBuilder<SqlBool>): Promise<void> {
  await db.schema.createIndex(name).on('api_keys').columns(COLUMNS).where(condition).execute();
}
