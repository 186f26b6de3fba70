import type { Permission } from '@latchkey/contract';

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

/** All that changes of members and roles need to know of keys, and do to them. Keys of other workspaces are not touched. */
export interface OwnedKeys {
  /** What a key that is not revoked was given; null where it is revoked, or there is none. */
  permissionsOf(workspaceId: string, keyId: string): Promise<ReadonlySet<Permission> | null>;

  /** What a key was given that could be used now; null where it is revoked, switched off or expired, or there is none. */
  usablePermissionsOf(
    workspaceId: string,
    keyId: string,
    now: number,
  ): Promise<ReadonlySet<Permission> | null>;

  /** The keys of these owners that exceed the role of their owner, as it stands in this transaction, by id. */
  exceeding(workspaceId: string, owners: Owners): Promise<ExceedingKey[]>;

  /** Revokes the keys for ever; those that are revoked already stay as they are. */
  revoke(workspaceId: string, keyIds: readonly string[], reason: string, now: number): Promise<void>;

  /** Revokes every key that the user owns here, for ever; returns which they were. */
  revokeAllOf(workspaceId: string, userId: string, reason: string, now: number): Promise<string[]>;
}
