import type { KeyStatus, Permission, SortOrder } from '@latchkey/contract';
import type { KeyOwners } from '../audit/key-owners.ts';
import type { Page, PageRequest } from '../shared/page.ts';
import type { Standing } from '../workspaces/standing.ts';
import type { Key, Secret } from './key.ts';

export type KeySort = 'createdAt' | 'name' | 'lastUsedAt' | 'expiresAt';

export interface KeyFilter {
  readonly ownerId?: string;
  /** Left out: every key that is not revoked. */
  readonly status?: KeyStatus;
  /** Part of the name without regard to ASCII case, or a whole key id. Never a pattern: `%` and `_` are themselves. */
  readonly search?: string;
  readonly permission?: Permission;
  /**
   * True: only keys that hold more than their owner's role gives now; false: only the others. Keys whose owner has left,
   * all of them revoked, are neither.
   */
  readonly exceedsOwner?: boolean;
  /** Only keys that expire, and before this instant. */
  readonly expiresBefore?: number;
  /** Only keys not used at or after this instant; a key never used counts by when it was made. */
  readonly unusedSince?: number;
}

export interface KeyPage extends PageRequest {
  readonly sortBy: KeySort;
  readonly sortOrder: SortOrder;
  /** Keys to skip, from the beginning of the list or from `after`. */
  readonly offset: number;
}

/** A page of keys, and how many match in all. The text of a position is the name of its key. */
export interface FoundKeys extends Page<Key> {
  readonly total: number;
}

/**
 * The keys of a workspace. A key of another workspace is never found, changed or counted. Rows that something else has
 * edited are found with `isIntact: false`; writing one keeps it so.
 */
export interface KeyStore extends KeyOwners {
  /** `ownerHeld`: what the owner holds at this moment, kept as evidence. */
  insert(key: Key, secret: Secret, ownerHeld: ReadonlySet<Permission>): Promise<void>;

  /** Null on a miss. Revoked keys are found. */
  find(workspaceId: string, keyId: string): Promise<Key | null>;

  /** The key as the secret finds it that lasts longest: the present one, where there is one. Null on a miss. */
  findRecord(workspaceId: string, keyId: string): Promise<KeyRecord | null>;

  /**
   * A page of keys and how many match in all. Names are sorted and searched by their `searchKey`. Ties are broken by id,
   * in the same order; nulls come last in ascending and first in descending order. `now` decides which keys are expired.
   */
  list(workspaceId: string, filter: KeyFilter, page: KeyPage, now: number): Promise<FoundKeys>;

  /** How many keys of the owner are not revoked, counted up to `atMost`. */
  countUnrevoked(workspaceId: string, ownerId: string, atMost: number): Promise<number>;

  /**
   * Writes name, switch, expiry, limits and revocation of the key and counts its version up. False, and nothing
   * written, where the stored version is no longer `key.version`; in a transaction, in which nobody else writes, the
   * whole of it may be refused for that instead.
   */
  update(key: Key): Promise<boolean>;

  /**
   * Makes `secret` the present one. The present one before it retires at `retireAt`, those before that at once. The
   * key's hint follows, its version counts up. Returns the digests of the secrets that have ended with it.
   */
  replaceSecret(
    workspaceId: string,
    keyId: string,
    secret: Secret,
    now: number,
    retireAt: number,
  ): Promise<string[]>;

  /** What the owner held when the key was made, and holds now: nothing, where they are no member. Null on a miss. */
  ownerHoldings(workspaceId: string, keyId: string): Promise<OwnerHoldings | null>;
}

/** What a key's owner may do, then and now, each in catalogue order. */
export interface OwnerHoldings {
  readonly held: readonly Permission[];
  readonly holdsNow: readonly Permission[];
}

/** A key as one of its secrets finds it. */
export interface KeyRecord {
  readonly key: Key;
  /** When this secret ends, if a rotation has replaced it. */
  readonly secretRetiresAt: number | null;
  readonly standing: Standing;
}

/** The one look-up that crosses workspaces: whoever holds the secret holds the key. */
export interface KeyLookup {
  /** Null on a miss. A secret that is bound to the key by a broken seal is found with `key.isIntact: false`. */
  findByDigest(digest: string): Promise<KeyRecord | null>;

  /** Up to so many digests of secrets, retired ones too, that sort behind `after`, in order. */
  digests(after: string, limit: number): Promise<string[]>;

  countDigests(): Promise<number>;
}
