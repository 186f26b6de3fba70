/*
 * A second implementation of who may give which permissions, written from the rules without code of the product. Each
 * function returns the permissions of the role afterwards, or whether the call is allowed.
 */

/** The caller: the permissions of its credential, and whether its member is an owner. */
export interface Giver {
  /** False for a disabled key, which may do nothing. */
  readonly isOn: boolean;
  readonly holds: readonly string[];
  readonly isOwner: boolean;
}

export interface OracleRole {
  readonly id: string;
  readonly holds: readonly string[];
  /** One of those that every workspace has. */
  readonly isBuiltIn: boolean;
  /** The strongest of those. */
  readonly isOwner: boolean;
}

const holdsAll = (giver: Giver, wanted: readonly string[]): boolean => {
  for (const permission of wanted) if (giver.holds.indexOf(permission) < 0) return false;
  return true;
};

function mayGive(giver: Giver, role: OracleRole): boolean {
  if (role.isOwner && !giver.isOwner) return false;
  return holdsAll(giver, role.holds);
}

export function mayCreateRole(giver: Giver, wish: readonly string[]): boolean {
  return giver.isOn && giver.holds.indexOf('roles:write') >= 0 && holdsAll(giver, wish);
}

/** Removing permissions is always allowed. An edit that adds any needs a caller who holds all permissions of the result. */
export function mayEditRole(giver: Giver, role: OracleRole, wish: readonly string[]): boolean {
  if (!giver.isOn || giver.holds.indexOf('roles:write') < 0 || role.isBuiltIn) return false;
  const added = wish.filter((permission) => role.holds.indexOf(permission) < 0);
  return added.length === 0 || holdsAll(giver, wish);
}

export function mayAssign(giver: Giver, before: OracleRole, after: OracleRole, owners: number): boolean {
  if (!giver.isOn || giver.holds.indexOf('members:role-change') < 0) return false;
  if (before.isOwner && !giver.isOwner) return false;
  if (before.isOwner && !after.isOwner && owners < 2) return false;
  return before.id === after.id || mayGive(giver, after);
}

export function mayInvite(giver: Giver, role: OracleRole): boolean {
  return giver.isOn && giver.holds.indexOf('members:invite') >= 0 && mayGive(giver, role);
}

/** `key`: the permissions of the key that invited; null when a person invited. */
export function mayStillInvite(person: Giver, key: readonly string[] | null, role: OracleRole): boolean {
  const holds = person.holds.filter((permission) => key === null || key.indexOf(permission) >= 0);
  return mayInvite({ isOn: true, holds, isOwner: person.isOwner }, role);
}
