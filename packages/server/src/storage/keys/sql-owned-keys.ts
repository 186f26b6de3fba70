import type { Permission } from '@latchkey/contract';
import type { Kysely } from 'kysely';
import { boundsOf } from '../../domain/keys/key.ts';
import type { NoteInvalidation } from '../../domain/shared/change-feed.ts';
import type { Keyring } from '../../domain/shared/keyring.ts';
import type {
  CallingKey,
  ExceedingKey,
  OwnedKey,
  OwnedKeys,
  OwnedSecret,
  Owners,
  RevokedOwnedKey,
} from '../../domain/tenancy/member-credentials.ts';
import type { PermissionSets } from '../permission-sets/permission-sets.ts';
import { inParts } from '../statements/batch-query.ts';
import type { SecretRow, Tables } from '../tables.ts';
import { statusConditions } from './key-filter.ts';
import { entriesBeyond, setsWith } from './key-permissions.ts';
import { isOwner, ownedKeys } from './key-rows.ts';
import { findSecret, isLive, isSecretIntact, retireAt } from './secret-rows.ts';
import type { SqlKeyStore } from './sql-key-store.ts';

export class SqlOwnedKeys implements OwnedKeys {
  readonly #db: Kysely<Tables>;
  readonly #keyring: Keyring;
  readonly #sets: PermissionSets;
  readonly #note: NoteInvalidation;
  readonly #keys: SqlKeyStore;

  constructor(
    db: Kysely<Tables>,
    keyring: Keyring,
    sets: PermissionSets,
    note: NoteInvalidation,
    keys: SqlKeyStore,
  ) {
    this.#db = db;
    this.#keyring = keyring;
    this.#sets = sets;
    this.#note = note;
    this.#keys = keys;
  }

  async calling(workspaceId: string, keyId: string, secretDigest: string | null): Promise<CallingKey | null> {
    const [key, secret] = await Promise.all([
      this.#keys.find(workspaceId, keyId),
      secretDigest === null ? null : this.#secret(secretDigest),
    ]);
    if (!key?.isIntact || (secretDigest !== null && secret?.key_id !== keyId)) return null;
    const { revokedAt, isActive, expiresAt, permissions, owner } = key;
    return {
      ...{ revokedAt, isActive, expiresAt, retiresAt: secret?.retires_at ?? null },
      permissions: new Set(permissions),
      bounds: boundsOf(key),
      ownerId: owner.id,
    };
  }

  async living(workspaceId: string, keyIds: readonly string[]): Promise<OwnedKey[]> {
    const keys: OwnedKey[] = [];
    for (const part of inParts(keyIds))
      keys.push(
        ...(await this.#db
          .selectFrom('api_keys')
          .select(['id', 'user_id as ownerId'])
          .where('workspace_id', '=', workspaceId)
          .where('id', 'in', part)
          .where('revoked_at', 'is', null)
          .orderBy('id')
          .execute()),
      );
    return keys;
  }

  async livingSecrets(workspaceId: string, digests: readonly string[], now: number): Promise<OwnedSecret[]> {
    const secrets: OwnedSecret[] = [];
    for (const part of inParts(digests))
      secrets.push(
        ...(await this.#db
          .selectFrom('api_key_secrets as secret')
          .innerJoin('api_keys', 'api_keys.id', 'secret.key_id')
          .select(['secret.digest', 'api_keys.id', 'api_keys.user_id as ownerId'])
          .where('secret.workspace_id', '=', workspaceId)
          .where('secret.digest', 'in', part)
          .where('api_keys.revoked_at', 'is', null)
          .where((row) => row.or([row('retires_at', 'is', null), row('retires_at', '>', now)]))
          .orderBy('secret.digest')
          .execute()),
      );
    return secrets;
  }

  async retireSecrets(workspaceId: string, digests: readonly string[], now: number): Promise<void> {
    for (const digest of digests) {
      const row = await this.#secret(digest);
      if (row?.workspace_id !== workspaceId || !isLive(row, now)) continue;
      await retireAt(this.#db, row, now, this.#keyring);
      this.#note({ kind: 'key', keyId: row.key_id });
    }
  }

  async hasActiveWith(workspaceId: string, permission: Permission, at: number): Promise<boolean> {
    const storedName = this.#sets.storedName(permission);
    const row = await this.#activeWith(storedName, at)
      .innerJoin('roles', 'roles.id', 'members.role_id')
      .where('api_keys.workspace_id', '=', workspaceId)
      .where((row) =>
        row.or([
          row('workspaces.permission_mode', '<>', 'capped'),
          row('roles.permission_set_id', 'in', setsWith(row, storedName)),
        ]),
      )
      .where((row) =>
        row.exists(
          row
            .selectFrom('api_key_secrets as secret')
            .select('secret.digest')
            .whereRef('secret.key_id', '=', 'api_keys.id')
            .where((each) => each.or([each('retires_at', 'is', null), each('retires_at', '>', at)])),
        ),
      )
      .executeTakeFirst();
    return row !== undefined;
  }

  async worksElsewhere(workspaceId: string, now: number): Promise<boolean> {
    const row = await this.#activeWith(this.#sets.storedName('api-keys:write'), now)
      .where('api_keys.workspace_id', '<>', workspaceId)
      .where('workspaces.suspended_at', 'is', null)
      .where('workspaces.deleted_at', 'is', null)
      .executeTakeFirst();
    return row !== undefined;
  }

  #activeWith(storedName: string, at: number) {
    return this.#db
      .selectFrom('api_keys')
      .innerJoin('workspaces', 'workspaces.id', 'api_keys.workspace_id')
      .innerJoin('members', isOwner)
      .select('api_keys.id')
      .where('members.status', '=', 'active')
      .where('api_keys.revoked_at', 'is', null)
      .where((expression) => expression.and(statusConditions(expression, 'active', at)))
      .where((expression) => expression('api_keys.permission_set_id', 'in', setsWith(expression, storedName)))
      .limit(1);
  }

  async exceeding(workspaceId: string, owners: Owners): Promise<ExceedingKey[]> {
    const rows = await this.#living(workspaceId)
      .innerJoin('members', isOwner)
      .innerJoin('roles', 'roles.id', 'members.role_id')
      .innerJoin('permission_sets as owner_sets', 'owner_sets.id', 'roles.permission_set_id')
      .select('owner_sets.permissions as owner_permissions')
      .where((expression) =>
        'userId' in owners
          ? expression('members.user_id', '=', owners.userId)
          : expression('members.role_id', '=', owners.roleId),
      )
      .where((expression) =>
        expression.exists(entriesBeyond('api_keys.permission_set_id', 'roles.permission_set_id')),
      )
      .orderBy('api_keys.id')
      .execute();
    return rows.map(({ id, user_id: ownerId, name, hint, last_used_at, permissions, owner_permissions }) => {
      const given = new Set(this.#sets.parse(owner_permissions));
      const exceeding = this.#sets.parse(permissions).filter((held) => !given.has(held));
      return { id, ownerId, name, hint, lastUsedAt: last_used_at, exceeding };
    });
  }

  async revoke(
    workspaceId: string,
    keyIds: readonly string[],
    revokedReason: string | null,
    revokedAt: number,
  ): Promise<RevokedOwnedKey[]> {
    const revoked: RevokedOwnedKey[] = [];
    for (const keyId of keyIds) {
      const key = await this.#keys.find(workspaceId, keyId);
      if (key?.revokedAt !== null) continue;
      await this.#keys.update({ ...key, revokedAt, revokedReason });
      revoked.push({ id: key.id, version: key.version + 1 });
    }
    return revoked;
  }

  async revokeAllOf(
    workspaceId: string,
    userId: string,
    reason: string,
    now: number,
  ): Promise<RevokedOwnedKey[]> {
    const rows = await this.#db
      .selectFrom('api_keys')
      .select('id')
      .where('workspace_id', '=', workspaceId)
      .where('user_id', '=', userId)
      .where('revoked_at', 'is', null)
      .execute();
    const ids = rows.map(({ id }) => id);
    return this.revoke(workspaceId, ids, reason, now);
  }

  /** Null on a miss, and if the row was edited outside the service. */
  async #secret(digest: string): Promise<SecretRow | null> {
    const row = await findSecret.first(this.#db, { digest });
    return row && isSecretIntact(row, this.#keyring) ? row : null;
  }

  #living(workspaceId: string) {
    return ownedKeys(this.#db)
      .where('api_keys.workspace_id', '=', workspaceId)
      .where('api_keys.revoked_at', 'is', null);
  }
}
