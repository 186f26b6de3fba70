import { type Catalogue, type Permission, SYSTEM_ROLE_NAMES, type SystemRoleName } from '@latchkey/contract';
import type { Facts } from '../audit/entry.ts';
import { AppError } from '../shared/app-error.ts';
import type { Caller } from '../shared/caller.ts';
import { newId } from '../shared/id.ts';
import type { Position } from '../shared/page.ts';
import { compareNames } from '../shared/text/search-key.ts';

/** A set of permissions for the members who have the role. */
export interface Role {
  readonly id: string;
  readonly workspaceId: string;
  readonly name: string;
  readonly description: string | null;
  /** In catalogue order. */
  readonly permissions: readonly Permission[];
  /** Null: a role that the workspace made for itself. */
  readonly systemName: SystemRoleName | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A role with how many members have it, suspended ones too. */
export interface CountedRole extends Role {
  readonly memberCount: number;
}

/** The roles that a new workspace begins with. */
export function systemRoles(
  catalogue: Catalogue,
  workspaceId: string,
  now: number,
): Record<SystemRoleName, Role> {
  const roles = SYSTEM_ROLE_NAMES.map((systemName) => {
    const role: Role = {
      id: newId('role'),
      workspaceId,
      name: systemName,
      ...catalogue.systemRoles[systemName],
      systemName,
      createdAt: now,
      updatedAt: now,
    };
    return [systemName, role] as const;
  });
  return Object.fromEntries(roles) as Record<SystemRoleName, Role>;
}

/** The position of a role in lists: the system roles first, the strongest first, then the others by name. */
export function rolePosition({ systemName, name, id }: Pick<Role, 'systemName' | 'name' | 'id'>): Position {
  const rank = systemName === null ? SYSTEM_ROLE_NAMES.length : SYSTEM_ROLE_NAMES.indexOf(systemName);
  return { value: `${rank}${name}`, id };
}

/** The order of two roles by their positions. */
export function compareRoles(one: Position, other: Position): number {
  const [text, otherText] = [String(one.value), String(other.value)];
  return (
    compareTexts(text.slice(0, 1), otherText.slice(0, 1)) ||
    compareNames(text.slice(1), otherText.slice(1)) ||
    compareTexts(text, otherText) ||
    compareTexts(one.id, other.id)
  );
}

function compareTexts(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** Does `after` allow anything that `before` did not? */
export function widensRole(before: Pick<Role, 'permissions'>, after: Pick<Role, 'permissions'>): boolean {
  return after.permissions.some((permission) => !before.permissions.includes(permission));
}

/** The fields of a role in the audit log. */
export function roleFacts({ name, description, permissions }: Role): Facts {
  return { name, description, permissions };
}

/** The roles of a workspace. A role of another workspace is never found, changed or counted. */
export interface RoleStore {
  insert(role: Role): Promise<void>;

  /** Null on a miss. */
  find(workspaceId: string, roleId: string): Promise<CountedRole | null>;

  /** By its name, ignoring case; null on a miss. */
  findByName(workspaceId: string, name: string): Promise<CountedRole | null>;

  /** The system roles, the strongest first, then the others by name. */
  list(workspaceId: string): Promise<CountedRole[]>;

  /** The number of roles, system roles too. */
  count(workspaceId: string): Promise<number>;

  /** Writes name, description, permissions and time of change. */
  update(role: Role): Promise<void>;

  /** Throws if a member has the role: check its `memberCount` in the same transaction. */
  remove(workspaceId: string, roleId: string): Promise<void>;
}

/** The role of the caller's workspace. NOT_FOUND on a miss. */
export async function visibleRole(roles: RoleStore, caller: Caller, roleId: string): Promise<CountedRole> {
  const role = await roles.find(caller.workspaceId, roleId);
  if (!role) throw new AppError('NOT_FOUND', { message: `No role ${roleId}` });
  return role;
}

/** `visibleRole` for changes: CONFLICT for a system role. */
export async function changeableRole(roles: RoleStore, caller: Caller, roleId: string): Promise<CountedRole> {
  const role = await visibleRole(roles, caller, roleId);
  if (role.systemName !== null)
    throw new AppError('CONFLICT', { message: `${role.name} is a system role, which cannot be changed` });
  return role;
}
