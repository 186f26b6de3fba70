import type { Permission } from '@latchkey/contract';
import type { AuditStores } from '../audit/audit-store.ts';

/** A permission that stored sets hold and the catalogue does not have, with how many carry it. */
export interface LostPermission {
  readonly permission: Permission;
  /** Keys that are not revoked. */
  readonly keys: number;
  /** Roles that workspaces have made for themselves. */
  readonly roles: number;
}

/** A workspace whose system roles have changed with the catalogue. */
export interface RenewedRoles {
  readonly workspaceId: string;
  readonly added: readonly Permission[];
  readonly removed: readonly Permission[];
}

/** What is stored of permissions, of all workspaces together, against the catalogue that the service has now. */
export interface PermissionStore {
  /** The permissions in stored sets that the catalogue does not have and that are not retired yet, by name. */
  lost(): Promise<LostPermission[]>;

  /**
   * Retires permissions that were lost, for ever: whatever was stored with them does not hold them again, even where a
   * later catalogue has permissions of the same names.
   */
  retire(permissions: readonly Permission[], now: number): Promise<void>;

  /**
   * Gives every system role what the catalogue gives it. Returns the workspaces for which that was a change. Nobody who
   * keeps keys in memory is told: nothing may be answered before.
   */
  renewSystemRoles(now: number): Promise<RenewedRoles[]>;
}

/** The stores that adopting a catalogue reads and writes in one transaction. */
export interface CatalogueStores extends AuditStores {
  readonly permissions: PermissionStore;
}
