import { describePermission, PERMISSIONS, type Permission, type PermissionInfo } from './permissions.ts';
import { type SystemRole, type SystemRoleName, systemRolesOf } from './roles.ts';

/** Every permission that keys and roles of a service can hold. It does not change while the service runs. */
export interface Catalogue {
  readonly entries: readonly PermissionInfo[];
  /** The names of `entries`, in the same order. Permission sets are listed in this order. */
  readonly permissions: readonly Permission[];
  /** The roles that every workspace has, with their permissions. */
  readonly systemRoles: Readonly<Record<SystemRoleName, SystemRole>>;
  has(name: string): boolean;
  /** The zero-based index of a permission; -1 if the catalogue does not have it. */
  indexOf(name: string): number;
  /** The names in catalogue order, without duplicates. Drops names that the catalogue does not have. */
  inOrder(names: Iterable<string>): Permission[];
}

/** The catalogue of these entries. Their ids must be unique. */
export function catalogueOf(entries: readonly PermissionInfo[]): Catalogue {
  const permissions = entries.map(({ id }) => id);
  const places: ReadonlyMap<string, number> = new Map(permissions.map((id, index) => [id, index]));
  return {
    entries,
    permissions,
    systemRoles: systemRolesOf(permissions),
    has: (name) => places.has(name),
    indexOf: (name) => places.get(name) ?? -1,
    inOrder(names) {
      const wanted = new Set(names);
      return permissions.filter((permission) => wanted.has(permission));
    },
  };
}

/** The default catalogue, for a service without a permissions file. */
export const BUILT_IN_CATALOGUE: Catalogue = catalogueOf(PERMISSIONS.map(describePermission));

/** The system roles of the default catalogue. */
export const SYSTEM_ROLES: Catalogue['systemRoles'] = BUILT_IN_CATALOGUE.systemRoles;
