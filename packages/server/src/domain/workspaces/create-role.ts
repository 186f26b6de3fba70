import type { Permission } from '@latchkey/contract';
import { recordChange } from '../audit/record-change.ts';
import { type Caller, requirePermission } from '../shared/caller.ts';
import { newId } from '../shared/id.ts';
import { livingGranterOf, requireAssignable } from './assignable.ts';
import type { ListedRole } from './list-roles.ts';
import { type Role, roleFacts } from './role.ts';
import { parseRoleDescription, parseRoleName, requireFreeName } from './role-text.ts';
import type { RoleNeeds } from './workspace-needs.ts';

export interface NewRole {
  readonly name: string;
  readonly description?: string | null | undefined;
  readonly permissions: readonly Permission[];
}

/**
 * Makes a role of the caller's workspace, with permissions that the caller holds: PERMISSION_ESCALATION names the others.
 * CONFLICT where a role has the name, in any case of its letters; VALIDATION_FAILED.
 */
export async function createRole(
  { unitOfWork, clock, catalogue }: RoleNeeds,
  caller: Caller,
  input: NewRole,
): Promise<ListedRole> {
  requirePermission(caller, 'roles:write');
  const name = parseRoleName(input.name);
  const description = parseRoleDescription(input.description ?? null);
  const permissions = catalogue.inOrder(input.permissions);

  return unitOfWork.transact(async ({ roles, members, ownedKeys, ownedSessions, audit }) => {
    const granter = await livingGranterOf({ members, ownedKeys, ownedSessions }, caller);
    requireAssignable(granter, { permissions, systemName: null });
    await requireFreeName(roles, caller.workspaceId, name);
    const now = clock.now();
    const text = { id: newId('role'), workspaceId: caller.workspaceId, name, description };
    const role: Role = { ...text, permissions, systemName: null, createdAt: now, updatedAt: now };
    await roles.insert(role);
    const target = { kind: 'role', id: role.id } as const;
    await recordChange(
      audit,
      caller,
      { eventType: 'role.created', target, before: null, after: roleFacts(role) },
      now,
    );
    return { ...role, memberCount: 0, isAssignable: true };
  });
}
