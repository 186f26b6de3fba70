import type { MemberStatus, Permission } from '@latchkey/contract';
import type { Kysely } from 'kysely';
import type { Key, Secret } from '../../domain/keys/key.ts';
import type {
  FoundKeys,
  KeyFilter,
  KeyLookup,
  KeyPage,
  KeyRecord,
  KeySecret,
  KeyStore,
  OwnerHoldings,
} from '../../domain/keys/key-store.ts';
import type { NoteInvalidation } from '../../domain/shared/change-feed.ts';
import type { Keyring } from '../../domain/shared/keyring.ts';
import type { CredentialStatus } from '../../domain/tenancy/credential-status.ts';
import { workspaceStatus } from '../../domain/tenancy/workspace.ts';
import type { PermissionSets } from '../permission-sets/permission-sets.ts';
import type { StoredSet } from '../permission-sets/set-codec.ts';
import { inParts } from '../statements/batch-query.ts';
import type { SecretRow, Tables } from '../tables.ts';
import type { TransactionCache } from '../transaction-cache.ts';
import { listKeyRows } from './key-listing.ts';
import { ownedKeys } from './key-query.ts';
import {
  fromKeyRow,
  isSecretIntact,
  type OwnedKeyRow,
  sealSecretRow,
  toKeyRow,
  toSecretRow,
  toSecrets,
} from './key-rows.ts';
import {
  countUnrevokedKeys,
  findKey,
  findSecret,
  insertKey,
  insertSecret,
  updateKey,
} from './key-statements.ts';

export class SqlKeyStore implements KeyStore, KeyLookup {
  readonly #db: Kysely<Tables>;
  readonly #keyring: Keyring;
  readonly #sets: PermissionSets;
  readonly #note: NoteInvalidation;
  readonly #cache: TransactionCache | null;

  constructor(
    db: Kysely<Tables>,
    keyring: Keyring,
    sets: PermissionSets,
    note: NoteInvalidation,
    cache: TransactionCache | null,
  ) {
    this.#db = db;
    this.#keyring = keyring;
    this.#sets = sets;
    this.#note = note;
    this.#cache = cache;
  }

  async insert(key: Key, secret: Secret, ownerHeld: ReadonlySet<Permission>): Promise<void> {
    await this.#sets.intern(this.#db, key.permissions);
    const owner_held = await this.#sets.intern(this.#db, ownerHeld);
    const row = toKeyRow(key, this.#sets.toStored(key.permissions), this.#keyring);
    await insertKey.writeOne(this.#db, { ...row, owner_held });
    await insertSecret.writeOne(this.#db, toSecretRow(key, secret, this.#keyring));
    const count = this.#cache?.get<number>(countOf(key.workspaceId, key.owner.id));
    if (count !== undefined) this.#cache?.set(countOf(key.workspaceId, key.owner.id), count + 1);
    this.#note({ kind: 'secret', digest: secret.digest });
  }

  async find(workspaceId: string, keyId: string): Promise<Key | null> {
    const row = await findKey.first(this.#db, { workspaceId, keyId });
    return row ? this.#fromRow(row) : null;
  }

  async findMany(workspaceId: string, keyIds: readonly string[]): Promise<Key[]> {
    const keys: Key[] = [];
    for (const part of inParts(keyIds)) {
      const rows = ownedKeys(this.#db)
        .where('api_keys.workspace_id', '=', workspaceId)
        .where('api_keys.id', 'in', part);
      keys.push(...(await rows.execute()).map((row) => this.#fromRow(row)));
    }
    return keys;
  }

  async list(workspaceId: string, filter: KeyFilter, page: KeyPage, now: number): Promise<FoundKeys> {
    const found = await listKeyRows(this.#db, { workspaceId, filter, now, sets: this.#sets }, page);
    return { ...found, items: found.items.map((row) => this.#fromRow(row)) };
  }

  async countUnrevoked(workspaceId: string, ownerId: string, atMost: number): Promise<number> {
    const read = async () => {
      const row = await countUnrevokedKeys.first(this.#db, { workspaceId, ownerId, atMost });
      return Number(row?.count ?? 0);
    };
    return this.#cache ? this.#cache.recall(countOf(workspaceId, ownerId), read) : read();
  }

  async update(key: Key): Promise<boolean> {
    const set = this.#sets.originOf(key.permissions) ?? (await this.#setOf(key));
    if (!set) return false;
    const row = toKeyRow({ ...key, version: key.version + 1 }, set, this.#keyring);
    const isWritten = await updateKey.writeOne(this.#db, { ...row, before: key.version });
    if (key.revokedAt !== null) this.#cache?.delete(countOf(key.workspaceId, key.owner.id));
    this.#note({ kind: 'key', keyId: key.id });
    return isWritten;
  }

  async replaceSecret(
    workspaceId: string,
    keyId: string,
    secret: Secret,
    now: number,
    retireAt: number,
  ): Promise<string[]> {
    const ended = await this.#retireSecrets(workspaceId, keyId, now, retireAt);
    await this.#keepOldSecret(workspaceId, keyId);
    await insertSecret.writeOne(this.#db, toSecretRow({ id: keyId, workspaceId }, secret, this.#keyring));
    await this.#db
      .updateTable('api_keys')
      .set((expression) => ({ hint: secret.hint, version: expression('version', '+', 1) }))
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', keyId)
      .execute();
    this.#note({ kind: 'secret', digest: secret.digest });
    this.#note({ kind: 'key', keyId });
    return ended;
  }

  async endOldSecret(workspaceId: string, keyId: string, now: number): Promise<string[]> {
    const ended: string[] = [];
    for (const row of await this.#secretsOf(workspaceId, keyId)) {
      const isOld = row.retires_at !== null && row.retires_at > now;
      if (!isOld || !isSecretIntact(row, this.#keyring)) continue;
      await this.#retireAt(row, now);
      ended.push(row.digest);
    }
    if (ended.length === 0) return ended;
    await this.#db
      .updateTable('api_keys')
      .set((expression) => ({ version: expression('version', '+', 1) }))
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', keyId)
      .execute();
    this.#note({ kind: 'key', keyId });
    return ended;
  }

  async secrets(workspaceId: string, keyId: string, now: number): Promise<KeySecret[]> {
    const [key, rows] = await Promise.all([
      findKey.first(this.#db, { workspaceId, keyId }),
      this.#secretsOf(workspaceId, keyId),
    ]);
    return key ? toSecrets(key, rows, now) : [];
  }

  /** The end of the key's secret. Null on a miss, and if its row was edited outside the service. */
  async findSecret(keyId: string, digest: string): Promise<{ readonly retiresAt: number | null } | null> {
    const row = await findSecret.first(this.#db, { digest });
    if (row?.key_id !== keyId || !isSecretIntact(row, this.#keyring)) return null;
    return { retiresAt: row.retires_at };
  }

  /** Retires a secret of the workspace at `now`, unless it has ended or was altered. */
  async retireSecret(workspaceId: string, digest: string, now: number): Promise<void> {
    const row = await findSecret.first(this.#db, { digest });
    if (row?.workspace_id !== workspaceId || !isSecretIntact(row, this.#keyring)) return;
    if (row.retires_at !== null && row.retires_at <= now) return;
    await this.#retireAt(row, now);
    this.#note({ kind: 'key', keyId: row.key_id });
  }

  async ownersOf(workspaceId: string, keyIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (keyIds.length === 0) return new Map();
    const rows = await this.#db
      .selectFrom('api_keys')
      .select(['id', 'user_id'])
      .where('workspace_id', '=', workspaceId)
      .where('id', 'in', keyIds)
      .execute();
    return new Map(rows.map(({ id, user_id }) => [id, user_id]));
  }

  async ownerHoldings(workspaceId: string, keyId: string): Promise<OwnerHoldings | null> {
    const row = await ownedKeys(this.#db)
      .innerJoin('permission_sets as held', 'held.id', 'api_keys.owner_held')
      .leftJoin('members', (join) =>
        join
          .onRef('members.workspace_id', '=', 'api_keys.workspace_id')
          .onRef('members.user_id', '=', 'api_keys.user_id'),
      )
      .leftJoin('roles', 'roles.id', 'members.role_id')
      .leftJoin('permission_sets as now', 'now.id', 'roles.permission_set_id')
      .select(['held.permissions as held', 'now.permissions as holds_now'])
      .where('api_keys.workspace_id', '=', workspaceId)
      .where('api_keys.id', '=', keyId)
      .executeTakeFirst();
    if (!row) return null;
    return { held: this.#sets.parse(row.held), holdsNow: this.#sets.parse(row.holds_now ?? '') };
  }

  async findByDigest(digest: string): Promise<KeyRecord | null> {
    const row = await this.#records().where('api_key_secrets.digest', '=', digest).executeTakeFirst();
    return row ? this.#toRecord(row) : null;
  }

  async findRecord(workspaceId: string, keyId: string): Promise<KeyRecord | null> {
    const row = await this.#records()
      .where('api_keys.workspace_id', '=', workspaceId)
      .where('api_keys.id', '=', keyId)
      .orderBy(
        (row) => row.fn.coalesce('api_key_secrets.retires_at', row.lit(Number.MAX_SAFE_INTEGER)),
        'desc',
      )
      .limit(1)
      .executeTakeFirst();
    return row ? this.#toRecord(row) : null;
  }

  /** Rows of a key and one of its secrets, with the state of its workspace and owner. */
  #records() {
    return ownedKeys(this.#db)
      .innerJoin('api_key_secrets', 'api_key_secrets.key_id', 'api_keys.id')
      .innerJoin('workspaces', 'workspaces.id', 'api_keys.workspace_id')
      .leftJoin('members', (join) =>
        join
          .onRef('members.workspace_id', '=', 'api_keys.workspace_id')
          .onRef('members.user_id', '=', 'api_keys.user_id'),
      )
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

  async digests(after: string, limit: number): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('api_key_secrets')
      .select('digest')
      .where('digest', '>', after)
      .orderBy('digest')
      .limit(limit)
      .execute();
    return rows.map(({ digest }) => digest);
  }

  async countDigests(): Promise<number> {
    const { digests } = await this.#db
      .selectFrom('api_key_secrets')
      .select(({ fn }) => fn.countAll<number>().as('digests'))
      .executeTakeFirstOrThrow();
    return Number(digests);
  }

  #fromRow(row: OwnedKeyRow): Key {
    return fromKeyRow(row, this.#keyring, this.#sets);
  }

  /** The stored set of a key, with names that are no longer in the catalogue. Null on a miss. */
  async #setOf({ workspaceId, id }: Key): Promise<StoredSet | null> {
    const row = await this.#db
      .selectFrom('api_keys')
      .innerJoin('permission_sets', 'permission_sets.id', 'api_keys.permission_set_id')
      .select(['permission_sets.id', 'permission_sets.permissions as text'])
      .where('api_keys.workspace_id', '=', workspaceId)
      .where('api_keys.id', '=', id)
      .executeTakeFirst();
    return row ?? null;
  }

  #toRecord(row: RecordRow): KeyRecord {
    const secret = {
      digest: row.secret_digest,
      workspace_id: row.secret_workspace_id,
      key_id: row.id,
      retires_at: row.secret_retires_at,
      seal: row.secret_seal,
    };
    const key = this.#fromRow(row);
    const isIntact = key.isIntact && isSecretIntact(secret, this.#keyring);
    const status = toStatus(row, this.#sets);
    return { key: { ...key, isIntact }, secretRetiresAt: row.secret_retires_at, status };
  }

  /**
   * The present secret retires at `retireAt`, an earlier one that still works retires now. Altered rows stay as they are.
   * Returns the digests of those that this ends.
   */
  async #retireSecrets(workspaceId: string, keyId: string, now: number, retireAt: number): Promise<string[]> {
    const ended: string[] = [];
    for (const row of await this.#secretsOf(workspaceId, keyId)) {
      const isLive = row.retires_at === null || row.retires_at > now;
      if (!isLive || !isSecretIntact(row, this.#keyring)) continue;
      const retiresAt = row.retires_at === null ? retireAt : now;
      await this.#retireAt(row, retiresAt);
      if (retiresAt <= now) ended.push(row.digest);
    }
    return ended;
  }

  /** Moves what is known of the present secret to the columns of the old one, before another one takes its place. */
  async #keepOldSecret(workspaceId: string, keyId: string): Promise<void> {
    await this.#db
      .updateTable('api_keys')
      .set(({ ref }) => ({ old_hint: ref('hint'), old_secret_used_at: ref('secret_used_at') }))
      .set({ secret_used_at: null })
      .where('workspace_id', '=', workspaceId)
      .where('id', '=', keyId)
      .execute();
  }

  #secretsOf(workspaceId: string, keyId: string): Promise<SecretRow[]> {
    return this.#db
      .selectFrom('api_key_secrets')
      .selectAll()
      .where('workspace_id', '=', workspaceId)
      .where('key_id', '=', keyId)
      .execute();
  }

  async #retireAt(row: SecretRow, retires_at: number): Promise<void> {
    const { seal } = sealSecretRow({ ...row, retires_at }, this.#keyring);
    await this.#db
      .updateTable('api_key_secrets')
      .set({ retires_at, seal })
      .where('digest', '=', row.digest)
      .execute();
  }
}

/** The name of the cache entry for the number of the owner's keys that are not revoked. */
const countOf = (workspaceId: string, ownerId: string) => `keys of ${ownerId} in ${workspaceId}`;

interface StandingRow {
  permission_mode: string;
  suspended_at: number | null;
  deleted_at: number | null;
  owner_status: string | null;
  owner_permissions: string | null;
}

type RecordRow = OwnedKeyRow &
  StandingRow & {
    secret_digest: string;
    secret_workspace_id: string;
    secret_retires_at: number | null;
    secret_seal: string;
  };

/** An unknown mode counts as `capped`, so that an edit from outside never gives more permissions. */
function toStatus(row: StandingRow, sets: PermissionSets): CredentialStatus {
  const { suspended_at: suspendedAt, deleted_at: deletedAt, owner_permissions } = row;
  return {
    workspace: workspaceStatus({ suspendedAt, deletedAt }),
    owner: row.owner_status as MemberStatus | null,
    cap: row.permission_mode === 'frozen' ? null : new Set(sets.parse(owner_permissions ?? '')),
  };
}
