import type { Permission } from '@latchkey/contract';
import type { AuditStores } from '../audit/audit-store.ts';

/** A permission that is stored but not in the catalogue, with the number of keys and roles that have it. */
export interface OrphanedPermission {
  readonly permission: Permission;
  /** Keys that are not revoked. */
  readonly keys: number;
  /** Roles that are not system roles. */
  readonly roles: number;
}

/** A workspace whose system roles have changed with the catalogue. */
export interface RenewedRoles {
  readonly workspaceId: string;
  readonly added: readonly Permission[];
  readonly removed: readonly Permission[];
}

/** The stored permissions of all workspaces, compared with the catalogue of this service. */
export interface PermissionStore {
  /** The permissions in stored sets that the catalogue does not have and that are not retired yet, by name. */
  lost(): Promise<OrphanedPermission[]>;

  /**
   * Retires lost permissions permanently: keys and roles that were stored with them do not get them back, even if a later
   * catalogue has permissions with the same names.
   */
  retire(permissions: readonly Permission[], now: number): Promise<void>;

  /**
   * Gives every system role what the catalogue gives it. Returns the workspaces for which that was a change. Must run
   * before any request is answered, since it does not invalidate cached keys.
   */
  renewSystemRoles(now: number): Promise<RenewedRoles[]>;
}

/** The stores that adopting a catalogue reads and writes in one transaction. */
export interface CatalogueStores extends AuditStores {
  readonly permissions: PermissionStore;
}
