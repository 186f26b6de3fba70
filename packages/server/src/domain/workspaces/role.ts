import { type Catalogue, type Permission, SYSTEM_ROLE_NAMES, type SystemRoleName } from '@latchkey/contract';
import type { Facts } from '../audit/entry.ts';
import { newId } from '../shared/id.ts';

/** What the members who have it may do. */
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

/** Does `after` allow anything that `before` did not? */
export function widensRole(before: Pick<Role, 'permissions'>, after: Pick<Role, 'permissions'>): boolean {
  return after.permissions.some((permission) => !before.permissions.includes(permission));
}

/** What the audit log keeps of a role. */
export function roleFacts({ name, description, permissions }: Role): Facts {
  return { name, description, permissions };
}
