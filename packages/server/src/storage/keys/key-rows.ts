import type { CallerKind, KeyUse } from '@latchkey/contract';
import type { Key, Secret } from '../../domain/keys/key.ts';
import type { KeySecret } from '../../domain/keys/key-store.ts';
import type { Keyring, SealedField } from '../../domain/shared/keyring.ts';
import { searchKey } from '../../domain/shared/search-key.ts';
import type { PermissionSets } from '../permission-sets/permission-sets.ts';
import type { StoredSet } from '../permission-sets/set-codec.ts';
import type { ApiKeyRow, SecretRow } from '../tables.ts';

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
  return { ...row, seal: key.isIntact ? keyring.sealRow('api_key', authorityOf(row, set.text)) : '' };
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
    isIntact: keyring.isIntact(row.seal, 'api_key', authorityOf(row, row.permissions)),
  };
}

export function toSecretRow(
  key: Pick<Key, 'id' | 'workspaceId'>,
  secret: Secret,
  keyring: Keyring,
): SecretRow {
  return sealSecretRow(
    {
      digest: secret.digest,
      workspace_id: key.workspaceId,
      key_id: key.id,
      pepper_id: secret.pepperId,
      created_at: secret.createdAt,
      retires_at: null,
    },
    keyring,
  );
}

export function sealSecretRow(row: Omit<SecretRow, 'seal'>, keyring: Keyring): SecretRow {
  return { ...row, seal: keyring.sealRow('secret', bindingOf(row)) };
}

export function isSecretIntact(row: Omit<SecretRow, 'pepper_id' | 'created_at'>, keyring: Keyring): boolean {
  return keyring.isIntact(row.seal, 'secret', bindingOf(row));
}

/**
 * The sealed fields: they decide the owner and the authority of a key. The permissions are sealed as text, so that both
 * another set and an edited set are detected. Times of use, names, versions and evidence are not sealed.
 * The use is a field only of keys for verification, so that the seals of keys from before there was a use stay valid.
 */
function authorityOf(row: Omit<WrittenKeyRow, 'seal'>, permissions: string): SealedField[] {
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

function bindingOf(row: Pick<SecretRow, 'digest' | 'workspace_id' | 'key_id' | 'retires_at'>): SealedField[] {
  return [row.digest, row.workspace_id, row.key_id, row.retires_at];
}

/**
 * The secrets that work at `now`, the present one first. A use that was recorded before the present secret was created is one
 * of the old secret, since uses are written some seconds later.
 */
export function toSecrets(key: ApiKeyRow, rows: readonly SecretRow[], now: number): KeySecret[] {
  const present = rows.find(({ retires_at }) => retires_at === null);
  const old = rows.find(({ retires_at }) => retires_at !== null && retires_at > now);
  const usedAt = key.secret_used_at;
  const isLate = usedAt !== null && present !== undefined && usedAt < present.created_at;
  const secrets: KeySecret[] = [];
  if (present) {
    const lastUsedAt = isLate ? null : usedAt;
    secrets.push({ hint: key.hint, createdAt: present.created_at, endsAt: null, lastUsedAt });
  }
  if (old) {
    const lastUsedAt = isLate ? Math.max(usedAt, key.old_secret_used_at ?? 0) : key.old_secret_used_at;
    secrets.push({ hint: key.old_hint, createdAt: old.created_at, endsAt: old.retires_at, lastUsedAt });
  }
  return secrets;
}
