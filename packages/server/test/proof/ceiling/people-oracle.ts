/*
 * Who may give what to whom, written a second time from the rules and without a line of the product. Each function says
 * what the role holds afterwards, or whether the call goes through.
 */

/** Whoever acts: what the credential holds, and whether its person is an owner. */
export interface Giver {
  /** Off: a key that was switched off, and may do nothing. */
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

/** Taking away is free; whoever adds anything must hold everything that is there afterwards. */
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

/** `key`: what the key was given that invited; null where a person did. */
export function mayStillInvite(person: Giver, key: readonly string[] | null, role: OracleRole): boolean {
  const holds = person.holds.filter((permission) => key === null || key.indexOf(permission) >= 0);
  return mayInvite({ isOn: true, holds, isOwner: person.isOwner }, role);
}
