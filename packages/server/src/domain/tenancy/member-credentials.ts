import type { Permission } from '@latchkey/contract';
import type { Bounds, Issuer } from '../shared/caller.ts';
import type { Lifetime } from './credential-status.ts';
import type { Credential } from './descent.ts';

/** A key as the credential of a call. */
export interface CallingKey extends Lifetime {
  /** The permissions it was given when it was made. */
  readonly permissions: ReadonlySet<Permission>;
  readonly bounds: Bounds;
  readonly ownerId: string;
}

/** A key and its owner. */
export interface OwnedKey {
  readonly id: string;
  readonly ownerId: string;
}

/** A secret by its digest, with its key. */
export interface OwnedSecret extends OwnedKey {
  readonly digest: string;
}

/** A key that is not revoked and holds permissions that its owner's role does not give. */
export interface ExceedingKey {
  readonly id: string;
  readonly ownerId: string;
  readonly name: string;
  readonly hint: string;
  readonly lastUsedAt: number | null;
  /** The permissions that the role does not give, in catalogue order. */
  readonly exceeding: readonly Permission[];
}

/** Whose keys: those of one member, or of all who have a role. */
export type Owners = { readonly userId: string } | { readonly roleId: string };

/** A key that a change of something else has revoked. */
export interface RevokedOwnedKey {
  readonly id: string;
  /** The version after the revocation. */
  readonly version: number;
}

/**
 * The keys of a workspace, for changes of members, and the key that a caller uses, for every change. Keys of other
 * workspaces are never returned or changed.
 */
export interface OwnedKeys {
  /**
   * The key that a caller uses, with the secret that they sent; a null digest: without a secret. Null on a miss of either,
   * and if a row was edited outside the service. Revoked keys and retired secrets are found.
   */
  calling(workspaceId: string, keyId: string, secretDigest: string | null): Promise<CallingKey | null>;

  /** Those of the keys that are not revoked, by id. */
  living(workspaceId: string, keyIds: readonly string[]): Promise<OwnedKey[]>;

  /** Those of the secrets that work on at `now` and whose key is not revoked, by digest. */
  livingSecrets(workspaceId: string, digests: readonly string[], now: number): Promise<OwnedSecret[]>;

  /** Retires the secrets permanently at `now`; those that have ended, and altered ones, stay as they are. */
  retireSecrets(workspaceId: string, digests: readonly string[], now: number): Promise<void>;

  /**
   * Does a key of the workspace that holds the permission work at this instant? A key does if it is active, its owner is,
   * and a secret of it lives; in a `capped` workspace its owner's role must give the permission too. Seals are not
   * checked.
   */
  hasActiveWith(workspaceId: string, permission: Permission, at: number): Promise<boolean>;

  /** Is there, in another workspace, a key that may make keys and works at this instant? Seals are not checked. */
  worksElsewhere(workspaceId: string, now: number): Promise<boolean>;

  /** The keys of these owners that exceed the role of their owner, as it is in this transaction, by id. */
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

/** A session as the credential of a call. */
export interface CallingSession {
  readonly expiresAt: number;
  /** The session ends with this issuer and has at most its permissions; null: no other member made the link. */
  readonly issuer: Issuer | null;
  /** The account that the session proves; null: it is valid for one member only. */
  readonly accountId: string | null;
}

/** The sessions of a workspace, for changes of members, and the session that a caller uses, for every change. */
export interface OwnedSessions {
  /** Null on a miss, if the session was ended, and if its row was edited outside the service. Expired ones are found. */
  calling(workspaceId: string, sessionId: string): Promise<CallingSession | null>;

  /** Ends every session of the user here and the sign-in link that is open for them; returns those that had not expired. */
  endAllOf(workspaceId: string, userId: string, now: number): Promise<Credential[]>;

  /** Ends the sessions and sign-in links with these ids; returns those that had not expired. */
  end(workspaceId: string, ids: readonly string[], now: number): Promise<Credential[]>;
}
