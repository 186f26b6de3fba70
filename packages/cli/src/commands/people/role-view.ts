import type { RoleBody } from '@latchkey/contract';
import type { Fact } from '../../terminal/table.ts';
import { permissionLines } from '../keys/key-view.ts';

export function roleFacts(role: RoleBody): Fact[] {
  return [
    ['id', role.id],
    ['name', role.name],
    ['kind', role.isSystem ? 'system role: it cannot be changed' : 'own role of the workspace'],
    ['description', role.description ?? 'none'],
    ['members', String(role.memberCount)],
    ['workspace', role.workspaceId],
    ['changed', role.updatedAt],
    ['permissions', permissionLines(role.permissions)],
  ];
}
