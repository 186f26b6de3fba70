/** The rows of keys: their form and seal, and the frequent statements over them. */
import type { CallerKind, KeyUse } from '@latchkey/contract';
import type { JoinBuilder, Kysely } from 'kysely';
import type { Key } from '../../domain/keys/key.ts';
import type { Keyring, SealedField } from '../../domain/shared/keyring.ts';
import { searchKey } from '../../domain/shared/text/search-key.ts';
import type { PermissionSets } from '../permission-sets/permission-sets.ts';
import type { StoredSet } from '../permission-sets/set-codec.ts';
import { PreparedQuery } from '../statements/prepared-query.ts';
import type { ApiKeyRow, Tables } from '../tables.ts';

/** A key's row, joined with its owner and its permission set. */
export type OwnedKeyRow = ApiKeyRow & {
  permissions: string;
  owner_email: string;
  owner_display_name: string;
};

/** The columns that a change of a key writes. */
export type WrittenKeyRow = Omit<
  ApiKeyRow,
  'owner_held' | 'old_hint' | 'secret_used_at' | 'old_secret_used_at'
>;

/**
 * The sealed row of a key with its set, without `owner_held`. A key with `isIntact: false` gets an invalid seal, so that it
 * does not become trusted again.
 */
export function toKeyRow(key: Key, set: StoredSet, keyring: Keyring): WrittenKeyRow {
  const row = {
    id: key.id,
    workspace_id: key.workspaceId,
    user_id: key.owner.id,
    name: key.name,
    name_folded: searchKey(key.name),
    hint: key.hint,
    is_active: key.isActive ? 1 : 0,
    permission_set_id: set.id,
    requests_per_minute: key.rateLimit.requestsPerMinute,
    requests_per_day: key.rateLimit.requestsPerDay,
    created_at: key.createdAt,
    created_by_kind: key.createdBy.kind,
    created_by_user_id: key.createdBy.userId,
    created_by_key_id: key.createdBy.keyId,
    last_used_at: key.lastUsedAt,
    expires_at: key.expiresAt,
    revoked_at: key.revokedAt,
    revoked_reason: key.revokedReason,
    version: key.version,
    use: key.use,
  };
  return { ...row, seal: key.isIntact ? keyring.sealRow('api_key', keyAuthority(row, set.text)) : '' };
}

export function fromKeyRow(row: OwnedKeyRow, keyring: Keyring, sets: PermissionSets): Key {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    owner: { id: row.user_id, email: row.owner_email, displayName: row.owner_display_name },
    name: row.name,
    hint: row.hint,
    isActive: row.is_active === 1,
    use: row.use as KeyUse,
    permissions: sets.parse(row.permissions),
    rateLimit: { requestsPerMinute: row.requests_per_minute, requestsPerDay: row.requests_per_day },
    createdAt: row.created_at,
    createdBy: {
      kind: row.created_by_kind as CallerKind,
      userId: row.created_by_user_id,
      keyId: row.created_by_key_id,
    },
    lastUsedAt: row.last_used_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    revokedReason: row.revoked_reason,
    version: row.version,
    isIntact: keyring.isIntact(row.seal, 'api_key', keyAuthority(row, row.permissions)),
  };
}

/**
 * The sealed fields: they decide the owner and the authority of a key. The permissions are sealed as text, so that both
 * another set and an edited set are detected. Times of use, names, versions and evidence are not sealed.
 * The use is a field only of keys for verification, so that the seals of keys from before there was a use stay valid.
 */
export function keyAuthority(row: Omit<WrittenKeyRow, 'seal'>, permissions: string): SealedField[] {
  return [
    row.id,
    row.workspace_id,
    row.user_id,
    permissions,
    row.requests_per_minute,
    row.requests_per_day,
    row.expires_at,
    row.is_active,
    row.revoked_at,
    row.created_at,
    row.created_by_key_id,
    ...(row.use === 'api' ? [] : [row.use]),
  ];
}

/** Keys, joined with the columns that `fromKeyRow` needs. */
export function ownedKeys(db: Kysely<Tables>) {
  return db
    .selectFrom('api_keys')
    .innerJoin('users', 'users.id', 'api_keys.user_id')
    .innerJoin('permission_sets', 'permission_sets.id', 'api_keys.permission_set_id')
    .selectAll('api_keys')
    .select([
      'permission_sets.permissions',
      'users.email as owner_email',
      'users.display_name as owner_display_name',
    ]);
}

/** The condition of a join with the members: the owner of the key. */
export function isOwner(join: JoinBuilder<Tables, 'api_keys' | 'members'>) {
  return join
    .onRef('members.workspace_id', '=', 'api_keys.workspace_id')
    .onRef('members.user_id', '=', 'api_keys.user_id');
}

interface OneKey {
  readonly workspaceId: string;
  readonly keyId: string;
}

export const insertKey = new PreparedQuery<WrittenKeyRow & Pick<ApiKeyRow, 'owner_held'>>((db, row) =>
  db.insertInto('api_keys').values(row),
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

/** Writes every column except those that never change, and the hint and last use, which have statements of their own. */
export const updateKey = new PreparedQuery<WrittenKeyRow & { before: number }>((db, { before, ...row }) => {
  const { id, workspace_id, user_id, hint, permission_set_id, use, ...changing } = row;
  const { created_at, created_by_kind, created_by_user_id, created_by_key_id, last_used_at, ...changes } =
    changing;
  return db
    .updateTable('api_keys')
    .set(changes)
    .where('workspace_id', '=', workspace_id)
    .where('id', '=', id)
    .where('version', '=', before);
});
