import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';

/**
 * A list contains keys that are not revoked or revoked ones, never both, so that each kind has its own indexes. After the
 * sort columns, an index has the columns of the filters, so that most lists are answered from the index only.
 */
const SIDES = {
  living_keys: sql<SqlBool>`revoked_at is null`,
  revoked_keys: sql<SqlBool>`revoked_at is not null`,
};

const INDEXES = {
  by_created_at: [
    'created_at',
    'id',
    'is_active',
    'expires_at',
    'user_id',
    'permission_set_id',
    'revoked_at',
  ],
  by_user_id: ['user_id', 'permission_set_id', 'is_active', 'expires_at', 'id', 'revoked_at'],
  by_name: ['name_folded', 'id', 'revoked_at'],
  by_expires_at: ['expires_at', 'id', 'is_active', 'revoked_at'],
  by_last_used_at: ['last_used_at', 'id', 'created_at', 'revoked_at'],
};

/** For both kinds: changes of roles query the sets that occur. */
const BY_SET = ['permission_set_id', 'revoked_at', 'id'];

const REPLACED = [
  'api_keys_by_workspace_id_created_at_id',
  'api_keys_by_workspace_id_user_id_created_at_id',
  'api_keys_by_workspace_id_permission_set_id',
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const name of REPLACED) await db.schema.dropIndex(name).execute();
  await createIndex(db, 'api_keys_by_permission_set_id', BY_SET);
  for (const [side, condition] of Object.entries(SIDES))
    for (const [name, columns] of Object.entries(INDEXES))
      await createIndex(db, `${side}_${name}`, columns, condition);
}

async function createIndex(
  db: Kysely<unknown>,
  name: string,
  columns: readonly string[],
  condition?: RawBuilder<SqlBool>,
): Promise<void> {
  const index = db.schema
    .createIndex(name)
    .on('api_keys')
    .columns(['workspace_id', ...columns]);
  await (condition ? index.where(condition) : index).execute();
}
