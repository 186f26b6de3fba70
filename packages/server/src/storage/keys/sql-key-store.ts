import type { Permission } from '@latchkey/contract';
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
import { renameSecret } from '../pepper/rename-secret.ts';
import type { PermissionSets } from '../permission-sets/permission-sets.ts';
import type { StoredSet } from '../permission-sets/set-codec.ts';
import { inParts } from '../statements/batch-query.ts';
import type { Tables } from '../tables.ts';
import type { TransactionCache } from '../transaction-cache.ts';
import { listKeyRows } from './key-listing.ts';
import { ownerSets } from './key-permissions.ts';
import { recordByDigest, recordOfKey, toRecord } from './key-records.ts';
import {
  countUnrevokedKeys,
  findKey,
  fromKeyRow,
  insertKey,
  type OwnedKeyRow,
  ownedKeys,
  toKeyRow,
  updateKey,
} from './key-rows.ts';
import {
  countSecrets,
  digestsAfter,
  findSecret,
  insertSecret,
  isLive,
  isSecretIntact,
  retireAt,
  sealSecretRow,
  secretsOf,
  toSecretRow,
  toSecrets,
} from './secret-rows.ts';

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
    presentRetiresAt: number,
  ): Promise<string[]> {
    const ended = await this.#retireSecrets(workspaceId, keyId, now, presentRetiresAt);
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
    for (const row of await secretsOf(this.#db, workspaceId, keyId)) {
      const isOld = row.retires_at !== null && isLive(row, now);
      if (!isOld || !isSecretIntact(row, this.#keyring)) continue;
      await retireAt(this.#db, row, now, this.#keyring);
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

  async rehash(workspaceId: string, from: string, to: string): Promise<void> {
    const row = await findSecret.first(this.#db, { digest: from });
    if (row?.workspace_id !== workspaceId || !isSecretIntact(row, this.#keyring)) return;
    const moved = sealSecretRow({ ...row, digest: to, pepper_id: this.#keyring.pepperId }, this.#keyring);
    await this.#db.updateTable('api_key_secrets').set(moved).where('digest', '=', from).execute();
    await renameSecret(this.#db, this.#keyring, from, to);
    this.#note({ kind: 'secret', digest: to });
  }

  async secrets(workspaceId: string, keyId: string, now: number): Promise<KeySecret[]> {
    const [key, rows] = await Promise.all([
      findKey.first(this.#db, { workspaceId, keyId }),
      secretsOf(this.#db, workspaceId, keyId),
    ]);
    return key ? toSecrets(key, rows, now) : [];
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
    const row = await ownerSets(this.#db, workspaceId, keyId);
    if (!row) return null;
    return { held: this.#sets.parse(row.held), holdsNow: this.#sets.parse(row.holds_now ?? '') };
  }

  async findByDigest(digest: string): Promise<KeyRecord | null> {
    const row = await recordByDigest(this.#db, digest);
    return row ? toRecord(row, this.#keyring, this.#sets) : null;
  }

  async findRecord(workspaceId: string, keyId: string): Promise<KeyRecord | null> {
    const row = await recordOfKey(this.#db, workspaceId, keyId);
    return row ? toRecord(row, this.#keyring, this.#sets) : null;
  }

  digests(after: string, limit: number): Promise<string[]> {
    return digestsAfter(this.#db, after, limit);
  }

  countDigests(): Promise<number> {
    return countSecrets(this.#db);
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

  /**
   * The present secret retires at `presentRetiresAt`, an earlier one that still works retires now. Altered rows stay as they are.
   * Returns the digests of those that this ends.
   */
  async #retireSecrets(
    workspaceId: string,
    keyId: string,
    now: number,
    presentRetiresAt: number,
  ): Promise<string[]> {
    const ended: string[] = [];
    for (const row of await secretsOf(this.#db, workspaceId, keyId)) {
      if (!isLive(row, now) || !isSecretIntact(row, this.#keyring)) continue;
      const retiresAt = row.retires_at === null ? presentRetiresAt : now;
      await retireAt(this.#db, row, retiresAt, this.#keyring);
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
}

/** The name of the cache entry for the number of the owner's keys that are not revoked. */
const countOf = (workspaceId: string, ownerId: string) => `keys of ${ownerId} in ${workspaceId}`;
