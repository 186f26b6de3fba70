import { ROLE_DESCRIPTION_MAX, ROLE_NAME_MAX } from '@latchkey/contract';
import { AppError } from '../shared/app-error.ts';
import { parsePlainText, skeletonOf } from '../shared/text/plain-text.ts';
import type { RoleStore } from '../tenancy/role.ts';

export function parseRoleName(text: string): string {
  return parsePlainText(text, 'name', ROLE_NAME_MAX);
}

export function parseRoleDescription(text: string | null): string | null {
  return text === null ? null : parsePlainText(text, 'description', ROLE_DESCRIPTION_MAX);
}

/**
 * Throws CONFLICT if another role of the workspace has the same name, ignoring case, or one that looks like it. Reads all
 * roles of the workspace.
 */
export async function requireFreeName(
  roles: RoleStore,
  workspaceId: string,
  name: string,
  ownId?: string,
): Promise<void> {
  const others = (await roles.list(workspaceId)).filter(({ id }) => id !== ownId);
  const namesake = others.find((role) => isSameName(role.name, name));
  if (!namesake) return;
  const details = [{ field: 'name', message: `looks like the name of another role, ${namesake.name}` }];
  throw new AppError('CONFLICT', { message: `There is a role ${namesake.name} already`, details });
}

function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase() || skeletonOf(one) === skeletonOf(other);
}
