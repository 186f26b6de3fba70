/** A key with one of its secrets and all that a use of it depends on, in one row. */
import type { MemberStatus } from '@latchkey/contract';
import type { Kysely } from 'kysely';
import type { KeyRecord } from '../../domain/keys/key-store.ts';
import type { Keyring } from '../../domain/shared/keyring.ts';
import type { CredentialStatus } from '../../domain/tenancy/credential-status.ts';
import { workspaceStatus } from '../../domain/tenancy/workspace.ts';
import type { PermissionSets } from '../permission-sets/permission-sets.ts';
import type { Tables } from '../tables.ts';
import { fromKeyRow, isOwner, type OwnedKeyRow, ownedKeys } from './key-rows.ts';
import { isSecretIntact } from './secret-rows.ts';

interface StatusRow {
  permission_mode: string;
  suspended_at: number | null;
  deleted_at: number | null;
  owner_status: string | null;
  owner_permissions: string | null;
}

type RecordRow = OwnedKeyRow &
  StatusRow & {
    secret_digest: string;
    secret_workspace_id: string;
    secret_retires_at: number | null;
    secret_seal: string;
  };

/** The rows of all keys and secrets, with the state of workspace and owner. */
function keyRecords(db: Kysely<Tables>) {
  return ownedKeys(db)
    .innerJoin('api_key_secrets', 'api_key_secrets.key_id', 'api_keys.id')
    .innerJoin('workspaces', 'workspaces.id', 'api_keys.workspace_id')
    .leftJoin('members', isOwner)
    .leftJoin('roles', 'roles.id', 'members.role_id')
    .leftJoin('permission_sets as owner_sets', 'owner_sets.id', 'roles.permission_set_id')
    .select([
      'api_key_secrets.digest as secret_digest',
      'api_key_secrets.workspace_id as secret_workspace_id',
      'api_key_secrets.retires_at as secret_retires_at',
      'api_key_secrets.seal as secret_seal',
      'workspaces.permission_mode',
      'workspaces.suspended_at',
      'workspaces.deleted_at',
      'members.status as owner_status',
      'owner_sets.permissions as owner_permissions',
    ]);
}

/** The record of the secret with this digest; undefined on a miss. */
export function recordByDigest(db: Kysely<Tables>, digest: string): Promise<RecordRow | undefined> {
  return keyRecords(db).where('api_key_secrets.digest', '=', digest).executeTakeFirst();
}

/** The record of the key with its secret that lasts longest; undefined on a miss. */
export function recordOfKey(
  db: Kysely<Tables>,
  workspaceId: string,
  keyId: string,
): Promise<RecordRow | undefined> {
  return keyRecords(db)
    .where('api_keys.workspace_id', '=', workspaceId)
    .where('api_keys.id', '=', keyId)
    .orderBy((row) => row.fn.coalesce('api_key_secrets.retires_at', row.lit(Number.MAX_SAFE_INTEGER)), 'desc')
    .limit(1)
    .executeTakeFirst();
}

/** The key is intact only if its row and that of the secret are. */
export function toRecord(row: RecordRow, keyring: Keyring, sets: PermissionSets): KeyRecord {
  const secret = {
    digest: row.secret_digest,
    workspace_id: row.secret_workspace_id,
    key_id: row.id,
    retires_at: row.secret_retires_at,
    seal: row.secret_seal,
  };
  const key = fromKeyRow(row, keyring, sets);
  const isIntact = key.isIntact && isSecretIntact(secret, keyring);
  return { key: { ...key, isIntact }, secretRetiresAt: row.secret_retires_at, status: toStatus(row, sets) };
}

/** An unknown mode counts as `capped`, so that an edit from outside never gives more permissions. */
function toStatus(row: StatusRow, sets: PermissionSets): CredentialStatus {
  const { suspended_at: suspendedAt, deleted_at: deletedAt, owner_permissions } = row;
  return {
    workspace: workspaceStatus({ suspendedAt, deletedAt }),
    owner: row.owner_status as MemberStatus | null,
    cap: row.permission_mode === 'frozen' ? null : new Set(sets.parse(owner_permissions ?? '')),
  };
}
