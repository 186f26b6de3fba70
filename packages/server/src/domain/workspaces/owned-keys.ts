import type { Permission } from '@latchkey/contract';
import type { Bounds } from '../shared/caller.ts';
import type { Lifetime } from './standing.ts';

/** A key as the credential of a call. */
export interface CallingKey extends Lifetime {
  /** What it was given. */
  readonly permissions: ReadonlySet<Permission>;
  readonly bounds: Bounds;
  readonly ownerId: string;
}

/** A key, and whose it is. */
export interface OwnedKey {
  readonly id: string;
  readonly ownerId: string;
}

/** A secret by its digest, with its key. */
export interface OwnedSecret extends OwnedKey {
  readonly digest: string;
}

/** A living key that holds what its owner's role does not, or no longer, give. */
export interface ExceedingKey {
  readonly id: string;
  readonly ownerId: string;
  readonly name: string;
  /** What it holds beyond the role, in catalogue order. */
  readonly exceeding: readonly Permission[];
}

/** Whose keys: those of one member, or of all who have a role. */
export type Owners = { readonly userId: string } | { readonly roleId: string };

/** A key that a change of something else has revoked. */
export interface RevokedOwnedKey {
  readonly id: string;
  /** The version that it has since. */
  readonly version: number;
}

/**
 * All that changes of people need to know of keys, and do to them, and all that any change needs to know of the key that
 * calls. Keys of other workspaces are never touched.
 */
export interface OwnedKeys {
  /**
   * The key as one of its secrets calls with it; a digest of null is a secret that nobody knows. Null on a miss of either,
   * and where something else has edited a row. Revoked keys and retired secrets are found.
   */
  calling(workspaceId: string, keyId: string, secretDigest: string | null): Promise<CallingKey | null>;

  /** Those of the keys that are not revoked, by id. */
  living(workspaceId: string, keyIds: readonly string[]): Promise<OwnedKey[]>;

  /** Those of the secrets that work on at `now` and whose key is not revoked, by digest. */
  livingSecrets(workspaceId: string, digests: readonly string[], now: number): Promise<OwnedSecret[]>;

  /** Ends the secrets at `now`, for ever; those that have ended, and altered ones, stay as they are. */
  retireSecrets(workspaceId: string, digests: readonly string[], now: number): Promise<void>;

  /**
   * Does a key of the workspace that holds the permission work at this instant? A key does if it is active, its owner is,
   * and a secret of it lives; in a `capped` workspace its owner's role must give the permission too. The seals are not
   * looked at.
   */
  hasActiveWith(workspaceId: string, permission: Permission, at: number): Promise<boolean>;

  /** Does a key of another workspace work at this instant that may make keys? The seals are not looked at. */
  worksElsewhere(workspaceId: string, now: number): Promise<boolean>;

  /** The keys of these owners that exceed the role of their owner, as it stands in this transaction, by id. */
  exceeding(workspaceId: string, owners: Owners): Promise<ExceedingKey[]>;

  /** Revokes the keys permanently, and returns them; those that are revoked already stay as they are. */
  revoke(
    workspaceId: string,
    keyIds: readonly string[],
    reason: string | null,
    now: number,
  ): Promise<RevokedOwnedKey[]>;

  /** Revokes every key that the user owns here permanently, and returns them. */
  revokeAllOf(workspaceId: string, userId: string, reason: string, now: number): Promise<RevokedOwnedKey[]>;
}
