import type { KeyStatus, Permission, SortOrder } from '@latchkey/contract';
import type { CallerStores } from '../access/authorized-change.ts';
import type { DescentStores } from '../access/end-descendants.ts';
import type { AuditStores, KeyOwners } from '../audit/audit-store.ts';
import { AppError } from '../shared/app-error.ts';
import { actsFor, type Caller } from '../shared/caller.ts';
import type { IdempotencyStore } from '../shared/idempotent.ts';
import type { Page, PageRequest } from '../shared/page.ts';
import type { CredentialStatus } from '../tenancy/credential-status.ts';
import type { WorkspaceStores } from '../tenancy/stores.ts';
import type { Key, Secret } from './key.ts';

export type KeySort = 'createdAt' | 'name' | 'lastUsedAt' | 'expiresAt';

export interface KeyFilter {
  readonly ownerId?: string;
  /** Left out: every key that is not revoked. */
  readonly status?: KeyStatus;
  /** Part of the name, ignoring ASCII case, or a whole key id. Not a pattern: `%` and `_` match themselves. */
  readonly search?: string;
  readonly permission?: Permission;
  /**
   * True: only keys that hold more than their owner's role gives now; false: only the others. Keys whose owner has left,
   * all of them revoked, are neither.
   */
  readonly exceedsOwner?: boolean;
  /** Only keys that were created with this key, or by a session that it opened. */
  readonly createdByKeyId?: string;
  /** Only keys that expire, and before this instant. */
  readonly expiresBefore?: number;
  /** Only keys not used at or after this instant; a key never used counts by when it was made. */
  readonly unusedSince?: number;
}

export interface KeyPage extends PageRequest {
  readonly sortBy: KeySort;
  readonly sortOrder: SortOrder;
  /** The number of keys to skip, from the beginning of the list or from `after`. */
  readonly offset: number;
}

/** A page of keys, and how many match in all. The text of a position is the name of its key. */
export interface FoundKeys extends Page<Key> {
  readonly total: number;
}

/**
 * The keys of a workspace. A key of another workspace is never found, changed or counted. A row that was edited
 * outside the service is returned with `isIntact: false`, also after this service has written it.
 */
export interface KeyStore extends KeyOwners {
  /** `ownerHeld`: the owner's permissions at this moment, stored as evidence. */
  insert(key: Key, secret: Secret, ownerHeld: ReadonlySet<Permission>): Promise<void>;

  /** Null on a miss. Revoked keys are found. */
  find(workspaceId: string, keyId: string): Promise<Key | null>;

  /** Those of the keys that exist, in any order. Revoked keys are found. */
  findMany(workspaceId: string, keyIds: readonly string[]): Promise<Key[]>;

  /** The key, found by its secret that lasts longest (the present one, if there is one). Null on a miss. */
  findRecord(workspaceId: string, keyId: string): Promise<KeyRecord | null>;

  /**
   * A page of keys and how many match in all. Names are sorted and searched by their `searchKey`. Ties are broken by id,
   * in the same order. A key that was never used was used before all others, and one that never expires expires after all
   * others. `now` decides which keys are expired.
   */
  list(workspaceId: string, filter: KeyFilter, page: KeyPage, now: number): Promise<FoundKeys>;

  /** How many keys of the owner are not revoked, counted up to `atMost`. */
  countUnrevoked(workspaceId: string, ownerId: string, atMost: number): Promise<number>;

  /**
   * Writes name, `isActive`, expiry, limits and revocation of the key and increments its version. Returns false and
   * writes nothing if the stored version is no longer `key.version`. In a transaction, it may return true and fail the
   * whole transaction instead.
   */
  update(key: Key): Promise<boolean>;

  /**
   * Makes `secret` the present one. The present one before it retires at `retireAt`, those before that at once. The
   * key's hint changes with it and its version is incremented. Returns the digests of the secrets that this ends.
   */
  replaceSecret(
    workspaceId: string,
    keyId: string,
    secret: Secret,
    now: number,
    retireAt: number,
  ): Promise<string[]>;

  /**
   * Stores the secret with the digest `from` under `to`, which was made with the current pepper, together with all that refers
   * to it. Does nothing if there is none in the workspace, or its row was edited outside this service. The caller must have
   * read the head of the workspace's audit chain, so that no other change of the key runs.
   */
  rehash(workspaceId: string, from: string, to: string): Promise<void>;

  /** Ends the secret that a rotation replaced, if it still works, and increments the version. Returns the digests. */
  endOldSecret(workspaceId: string, keyId: string, now: number): Promise<string[]>;

  /** The secrets of a key that work at `now`, the present one first; empty on a miss. Whether the key works does not matter. */
  secrets(workspaceId: string, keyId: string, now: number): Promise<KeySecret[]>;

  /** The owner's permissions when the key was made and now (none if they are not a member). Null on a miss. */
  ownerHoldings(workspaceId: string, keyId: string): Promise<OwnerHoldings | null>;
}

/** A secret that works, as it may be shown. */
export interface KeySecret {
  /** Null: not recorded. */
  readonly hint: string | null;
  readonly createdAt: number;
  /** Null: it is the present one, which ends with the key. */
  readonly endsAt: number | null;
  /** Null: never, or not recorded. */
  readonly lastUsedAt: number | null;
}

/** The permissions of a key's owner when the key was made and now, each in catalogue order. */
export interface OwnerHoldings {
  readonly held: readonly Permission[];
  readonly holdsNow: readonly Permission[];
}

/** A key, found by one of its secrets. */
export interface KeyRecord {
  readonly key: Key;
  /** When this secret ends, if a rotation has replaced it. */
  readonly secretRetiresAt: number | null;
  readonly status: CredentialStatus;
}

/** Look-ups over all workspaces: a verification has only the secret, which does not name the workspace. */
export interface KeyLookup {
  /** Null on a miss. A secret that is bound to the key by a broken seal is found with `key.isIntact: false`. */
  findByDigest(digest: string): Promise<KeyRecord | null>;

  /** Digests of secrets, retired ones too, that sort after `after`, in order; at most `limit`. */
  digests(after: string, limit: number): Promise<string[]>;

  countDigests(): Promise<number>;
}

/** The stores that a change of keys reads and writes in one transaction. */
export interface KeyStores
  extends AuditStores,
    CallerStores,
    DescentStores,
    Pick<WorkspaceStores, 'accounts'> {
  readonly keys: KeyStore;
  readonly idempotency: IdempotencyStore;
}

/**
 * Returns the key if the caller may see it. Throws the same NOT_FOUND for an unknown key, a key of another workspace and,
 * without `api-keys:manage-others`, a key of another user, so that the answer does not reveal which of them it was.
 */
export async function visibleKey(keys: KeyStore, caller: Caller, keyId: string): Promise<Key> {
  const key = await keys.find(caller.workspaceId, keyId);
  if (!key || !actsFor(caller, key.owner.id))
    throw new AppError('NOT_FOUND', { message: `No API key ${keyId}` });
  return key;
}

/** `visibleKey` for changes: a key that is revoked, or whose row was edited from outside, throws CONFLICT. */
export async function changeableKey(keys: KeyStore, caller: Caller, keyId: string): Promise<Key> {
  const key = await visibleKey(keys, caller, keyId);
  if (key.revokedAt !== null) {
    throw new AppError('CONFLICT', {
      message: 'The key is revoked; a revoked key never comes back. Create a new one',
    });
  }
  if (!key.isIntact) {
    throw new AppError('CONFLICT', {
      message: 'The stored key was altered outside Latchkey; it can only be revoked',
    });
  }
  return key;
}
