import { describePermission, PERMISSIONS, type Permission, type PermissionInfo } from './permissions.ts';
import { type SystemRole, type SystemRoleName, systemRolesOf } from './roles.ts';

/** Every permission that keys and roles of a service can hold. It does not change while the service runs. */
export interface Catalogue {
  readonly entries: readonly PermissionInfo[];
  /** The names alone, in the same order: the one in which sets are written out. */
  readonly permissions: readonly Permission[];
  /** What the roles that every workspace has may do. */
  readonly systemRoles: Readonly<Record<SystemRoleName, SystemRole>>;
  has(name: string): boolean;
  /** The place of a permission, from 0 up; -1 where the catalogue does not have it. */
  indexOf(name: string): number;
  /** The same set without repetitions, in catalogue order. Names that the catalogue does not have are left out. */
  inOrder(names: Iterable<string>): Permission[];
}

/** The catalogue of these entries, which have different ids. */
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

/** The catalogue of a service whose operator has named no other. */
export const BUILT_IN_CATALOGUE: Catalogue = catalogueOf(PERMISSIONS.map(describePermission));

/** What each system role may do there. */
export const SYSTEM_ROLES: Catalogue['systemRoles'] = BUILT_IN_CATALOGUE.systemRoles;
