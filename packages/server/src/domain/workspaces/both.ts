import type { Permission } from '@latchkey/contract';

/** The permissions that are in both sets, in the order of the first. */
export function both(one: ReadonlySet<Permission>, other: ReadonlySet<Permission>): ReadonlySet<Permission> {
  const kept = [...one].filter((permission) => other.has(permission));
  return kept.length === one.size ? one : new Set(kept);
}
