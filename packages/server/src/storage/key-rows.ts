import { type CallerKind, inCatalogueOrder } from '@latchkey/contract';
import type { Key, Secret } from '../domain/keys/key.ts';
import type { Keyring, SealedField } from '../domain/shared/keyring.ts';
import { fold } from './substring.ts';
import type { ApiKeyRow, SecretRow } from './tables.ts';

/** A key's row with what is joined to it of its owner. */
export type OwnedKeyRow = ApiKeyRow & { owner_email: string; owner_display_name: string };

/** The row of a key, sealed. A key that was found altered gets no seal that would make it look whole again. */
export function toKeyRow(key: Key, keyring: Keyring): ApiKeyRow {
  const row = {
    id: key.id,
    workspace_id: key.workspaceId,
    user_id: key.owner.id,
    name: key.name,
    name_folded: fold(key.name),
    hint: key.hint,
    is_active: key.isActive ? 1 : 0,
    permissions: JSON.stringify(key.permissions),
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
  };
  return { ...row, seal: key.isIntact ? keyring.sealRow('api_key', authorityOf(row)) : '' };
}

export function fromKeyRow(row: OwnedKeyRow, keyring: Keyring): Key {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    owner: { id: row.user_id, email: row.owner_email, displayName: row.owner_display_name },
    name: row.name,
    hint: row.hint,
    isActive: row.is_active === 1,
    permissions: parsePermissions(row.permissions),
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
    isIntact: keyring.isIntact(row.seal, 'api_key', authorityOf(row)),
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

/** What decides whom a key belongs to and what it may do. Times of use, names and versions are left out. */
function authorityOf(row: Omit<ApiKeyRow, 'seal'>): SealedField[] {
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

function bindingOf(row: Pick<SecretRow, 'digest' | 'workspace_id' | 'key_id' | 'retires_at'>): SealedField[] {
  return [row.digest, row.workspace_id, row.key_id, row.retires_at];
}

/** Names that the catalogue no longer has match nothing. A text that is no list at all gives no permission. */
function parsePermissions(text: string): Key['permissions'] {
  try {
    const names: unknown = JSON.parse(text);
    return Array.isArray(names) ? inCatalogueOrder(names) : [];
  } catch {
    return [];
  }
}
