/*
 * A second implementation of the ceiling, written from the rule without code of the product: what a caller may put into a
 * key, as plain lists and comparisons. It returns the expected key, or a denial.
 */

export interface OracleCaller {
  /** False for a disabled key, which may do nothing. */
  readonly isOn: boolean;
  readonly userId: string;
  readonly holds: readonly string[];
  /** What bounds the caller itself: all null for a person. */
  readonly end: number | null;
  readonly perMinute: number | null;
  readonly perDay: number | null;
}

export interface OracleKey {
  readonly ownerId: string;
  readonly permissions: readonly string[];
  readonly end: number | null;
  readonly perMinute: number | null;
  readonly perDay: number | null;
  readonly isOn: boolean;
}

export interface Wish {
  readonly permissions?: readonly string[];
  readonly end?: number | null;
  /** Absent, null, or an object whose members may be absent. */
  readonly limits?: null | { readonly perMinute?: number | null; readonly perDay?: number | null };
}

const endless = (value: number | null): number => (value === null ? Number.POSITIVE_INFINITY : value);

/** Whether the caller may manage keys of this person. */
function mayActFor(caller: OracleCaller, ownerId: string): boolean {
  return caller.userId === ownerId || caller.holds.indexOf('api-keys:manage-others') >= 0;
}

/** Whether the caller may create this key for an owner with these permissions. */
function mayMake(caller: OracleCaller, ownerHolds: readonly string[], key: OracleKey): boolean {
  for (const permission of key.permissions) {
    if (caller.holds.indexOf(permission) < 0 || ownerHolds.indexOf(permission) < 0) return false;
  }
  if (endless(key.end) > endless(caller.end)) return false;
  return endless(key.perMinute) <= endless(caller.perMinute) && endless(key.perDay) <= endless(caller.perDay);
}

export function oracleCreate(
  caller: OracleCaller,
  owner: { readonly id: string; readonly holds: readonly string[] },
  wish: Wish,
  now: number,
): OracleKey | null {
  if (!caller.isOn || caller.holds.indexOf('api-keys:write') < 0 || !mayActFor(caller, owner.id)) return null;
  const both = caller.holds.filter((permission) => owner.holds.indexOf(permission) >= 0);
  const limits = wish.limits === null ? { perMinute: null, perDay: null } : (wish.limits ?? {});
  const key: OracleKey = {
    ownerId: owner.id,
    permissions: wish.permissions === undefined ? both : [...new Set(wish.permissions)],
    end: wish.end === undefined ? caller.end : wish.end,
    perMinute: limits.perMinute === undefined ? caller.perMinute : limits.perMinute,
    perDay: limits.perDay === undefined ? caller.perDay : limits.perDay,
    isOn: true,
  };
  return mayMake(caller, owner.holds, key) && endless(key.end) > now ? key : null;
}

export function oracleRotate(
  caller: OracleCaller,
  ownerHolds: readonly string[],
  key: OracleKey,
  now: number,
): OracleKey | null {
  if (!caller.isOn || caller.holds.indexOf('api-keys:write') < 0 || !mayActFor(caller, key.ownerId))
    return null;
  if (endless(key.end) <= now) return null;
  return mayMake(caller, ownerHolds, key) ? key : null;
}

export function oracleUpdate(
  caller: OracleCaller,
  ownerHolds: readonly string[],
  key: OracleKey,
  wish: Omit<Wish, 'permissions'> & { readonly isOn?: boolean },
  now: number,
): OracleKey | null {
  if (!caller.isOn || caller.holds.indexOf('api-keys:write') < 0 || !mayActFor(caller, key.ownerId))
    return null;
  const limits = wish.limits === null ? { perMinute: null, perDay: null } : (wish.limits ?? {});
  const after: OracleKey = {
    ownerId: key.ownerId,
    permissions: key.permissions,
    end: wish.end === undefined ? key.end : wish.end,
    perMinute: limits.perMinute === undefined ? key.perMinute : limits.perMinute,
    perDay: limits.perDay === undefined ? key.perDay : limits.perDay,
    isOn: wish.isOn === undefined ? key.isOn : wish.isOn,
  };
  if (after.end !== key.end && endless(after.end) <= now) return null;
  const grows =
    endless(after.end) > endless(key.end) ||
    endless(after.perMinute) > endless(key.perMinute) ||
    endless(after.perDay) > endless(key.perDay) ||
    (after.isOn && !key.isOn);
  return !grows || mayMake(caller, ownerHolds, after) ? after : null;
}
