import type { Permission } from '@latchkey/contract';
import { changeAuthorized } from '../access/authorized-change.ts';
import { grantorOf, requireRoleGrant } from '../access/role-grant.ts';
import { recordChange } from '../audit/record-change.ts';
import type { Caller } from '../shared/caller.ts';
import { type Caps, requireRoom } from '../shared/caps.ts';
import { newId } from '../shared/id.ts';
import { type Idempotency, type Idempotent, idempotent } from '../shared/idempotent.ts';
import type { Keyring } from '../shared/keyring.ts';
import { type Role, roleFacts } from '../tenancy/role.ts';
import type { RoleNeeds, WorkspaceStores } from '../tenancy/stores.ts';
import type { ListedRole } from './list-roles.ts';
import { parseRoleDescription, parseRoleName, requireFreeName } from './role-input.ts';

export interface CreateRoleNeeds extends RoleNeeds {
  readonly keyring: Keyring;
  readonly caps: Caps;
}

export interface NewRole {
  readonly name: string;
  readonly description?: string | null | undefined;
  readonly permissions: readonly Permission[];
}

/**
 * Makes a role of the caller's workspace, with permissions that the caller holds: PERMISSION_ESCALATION names the others.
 * CONFLICT if a role has the same name, ignoring case; LIMIT_REACHED; VALIDATION_FAILED.
 */
export async function createRole(
  needs: CreateRoleNeeds,
  caller: Caller,
  input: NewRole,
  idempotency?: Idempotency,
): Promise<Idempotent<ListedRole>> {
  return changeAuthorized(needs, caller, ['roles:write'], async (stores, caller, now) => {
    const text = {
      name: parseRoleName(input.name),
      description: parseRoleDescription(input.description ?? null),
    };
    const permissions = needs.catalogue.inOrder(input.permissions);
    requireRoleGrant(await grantorOf(stores.members, caller), { permissions, systemName: null });
    const kept = { idempotency: stores.idempotency, keyring: needs.keyring, now };
    return idempotent<ListedRole>(kept, caller, idempotency, {
      make: () => make(stores, needs.caps, caller, { ...text, permissions }, now),
      idOf: ({ id }) => id,
      repeat: async (earlier) => earlier.outcome(),
    });
  });
}

async function make(
  { roles, audit }: WorkspaceStores,
  caps: Caps,
  caller: Caller,
  content: Pick<Role, 'name' | 'description' | 'permissions'>,
  now: number,
): Promise<ListedRole> {
  const { workspaceId } = caller;
  await requireFreeName(roles, workspaceId, content.name);
  requireRoom(caps, 'rolesPerWorkspace', await roles.count(workspaceId));
  const times = { createdAt: now, updatedAt: now };
  const role: Role = { id: newId('role'), workspaceId, ...content, systemName: null, ...times };
  await roles.insert(role);
  const target = { kind: 'role', id: role.id } as const;
  const change = { eventType: 'role.created', target, before: null, after: roleFacts(role) } as const;
  await recordChange(audit, caller, change, now);
  return { ...role, memberCount: 0, isAssignable: true };
}
