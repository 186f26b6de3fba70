/** The frequent statements of changes of keys. */
import { PreparedQuery } from '../statements/prepared-query.ts';
import type { ApiKeyRow, SecretRow } from '../tables.ts';
import { ownedKeys } from './key-query.ts';
import type { OwnedKeyRow, WrittenKeyRow } from './key-rows.ts';

interface OneKey {
  readonly workspaceId: string;
  readonly keyId: string;
}

export const insertKey = new PreparedQuery<WrittenKeyRow & Pick<ApiKeyRow, 'owner_held'>>((db, row) =>
  db.insertInto('api_keys').values(row),
);

export const insertSecret = new PreparedQuery<SecretRow>((db, row) =>
  db.insertInto('api_key_secrets').values(row),
);

export const findKey = new PreparedQuery<OneKey, OwnedKeyRow>((db, { workspaceId, keyId }) =>
  ownedKeys(db).where('api_keys.workspace_id', '=', workspaceId).where('api_keys.id', '=', keyId),
);

export const countUnrevokedKeys = new PreparedQuery<
  { workspaceId: string; ownerId: string; atMost: number },
  { count: number }
>((db, { workspaceId, ownerId, atMost }) =>
  db
    .selectFrom(
      db
        .selectFrom('api_keys')
        .select('id')
        .where('workspace_id', '=', workspaceId)
        .where('user_id', '=', ownerId)
        .where('revoked_at', 'is', null)
        .limit(atMost)
        .as('unrevoked'),
    )
    .select(({ fn }) => fn.countAll<number>().as('count')),
);

export const updateKey = new PreparedQuery<WrittenKeyRow & { before: number }>(
  (db, { id, workspace_id, before, ...row }) => {
    const { name, name_folded, is_active, requests_per_minute, requests_per_day } = row;
    const { expires_at, revoked_at, revoked_reason, version, seal } = row;
    return db
      .updateTable('api_keys')
      .set({ name, name_folded, is_active, requests_per_minute, requests_per_day })
      .set({ expires_at, revoked_at, revoked_reason, version, seal })
      .where('workspace_id', '=', workspace_id)
      .where('id', '=', id)
      .where('version', '=', before);
  },
);

export const findSecret = new PreparedQuery<Pick<SecretRow, 'digest'>, SecretRow>((db, { digest }) =>
  db.selectFrom('api_key_secrets').selectAll().where('digest', '=', digest),
);
