import { ROLE_DESCRIPTION_MAX, ROLE_NAME_MAX } from '@latchkey/contract';
import { AppError } from '../shared/app-error.ts';
import { parsePlainText } from '../shared/plain-text.ts';
import type { RoleStore } from './role-store.ts';

export function parseRoleName(text: string): string {
  return parsePlainText(text, 'name', ROLE_NAME_MAX);
}

export function parseRoleDescription(text: string | null): string | null {
  return text === null ? null : parsePlainText(text, 'description', ROLE_DESCRIPTION_MAX);
}

/** Throws CONFLICT where another role of the workspace has the name, in any case of its letters. */
export async function requireFreeName(
  roles: RoleStore,
  workspaceId: string,
  name: string,
  ownId?: string,
): Promise<void> {
  const namesake = await roles.findByName(workspaceId, name);
  if (!namesake || namesake.id === ownId) return;
  const details = [{ field: 'name', message: 'is the name of another role' }];
  throw new AppError('CONFLICT', { message: `There is a role ${namesake.name} already`, details });
}
