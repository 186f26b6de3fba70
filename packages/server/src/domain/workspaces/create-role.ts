import type { Permission } from '@latchkey/contract';
import { recordChange } from '../audit/record-change.ts';
import type { Caller } from '../shared/caller.ts';
import { type Caps, requireRoom } from '../shared/caps.ts';
import { newId } from '../shared/id.ts';
import { granterOf, requireAssignable } from './assignable.ts';
import { changeAs } from './change-as.ts';
import type { ListedRole } from './list-roles.ts';
import { type Role, roleFacts } from './role.ts';
import { parseRoleDescription, parseRoleName, requireFreeName } from './role-text.ts';
import type { RoleNeeds } from './workspace-needs.ts';

export interface CreateRoleNeeds extends RoleNeeds {
  readonly caps: Caps;
}

export interface NewRole {
  readonly name: string;
  readonly description?: string | null | undefined;
  readonly permissions: readonly Permission[];
}

/**
 * Makes a role of the caller's workspace, with permissions that the caller holds: PERMISSION_ESCALATION names the others.
 * CONFLICT where a role has the name, in any case of its letters; LIMIT_REACHED; VALIDATION_FAILED.
 */
export async function createRole(
  needs: CreateRoleNeeds,
  caller: Caller,
  input: NewRole,
): Promise<ListedRole> {
  return changeAs(needs, caller, ['roles:write'], async ({ roles, members, audit }, caller, now) => {
    const name = parseRoleName(input.name);
    const description = parseRoleDescription(input.description ?? null);
    const permissions = needs.catalogue.inOrder(input.permissions);
    const granter = await granterOf(members, caller);
    requireAssignable(granter, { permissions, systemName: null });
    await requireFreeName(roles, caller.workspaceId, name);
    requireRoom(needs.caps, 'rolesPerWorkspace', await roles.count(caller.workspaceId));
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
