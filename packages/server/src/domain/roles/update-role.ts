import type { Catalogue } from '@latchkey/contract';
import { changeAuthorized } from '../access/authorized-change.ts';
import { keepManagingKey, type ManagingKeyNeeds } from '../access/managing-keys.ts';
import { revokeExceedingKeys } from '../access/revocations.ts';
import { type Grantor, grantorOf, grantViolations, requireRoleGrant } from '../access/role-grant.ts';
import { recordChange } from '../audit/record-change.ts';
import type { Caller } from '../shared/caller.ts';
import { canonicalJson } from '../shared/text/canonical-json.ts';
import type { ExceedingKey } from '../tenancy/member-credentials.ts';
import { type CountedRole, changeableRole, roleFacts, widensRole } from '../tenancy/role.ts';
import type { RoleNeeds } from '../tenancy/stores.ts';
import type { NewRole } from './create-role.ts';
import type { ListedRole } from './list-roles.ts';
import { parseRoleDescription, parseRoleName, requireFreeName } from './role-input.ts';

/** Left out: unchanged. A description that is null is cleared. */
export type RoleChanges = { readonly [Field in keyof NewRole]?: NewRole[Field] | undefined } & {
  /** Revoke the keys that exceed the role of their owner afterwards. */
  readonly revokeExceeding?: boolean | undefined;
  /** Do it although no other active key could make keys and no account can sign in. */
  readonly force?: boolean | undefined;
};

export interface UpdatedRole {
  readonly role: ListedRole;
  /** Keys of its members that now hold permissions that the role does not give. */
  readonly exceedingKeys: readonly ExceedingKey[];
}

/**
 * Changes a role, and with it the permissions of its members. PERMISSION_ESCALATION if the change adds a permission and the
 * caller does not hold all permissions that the role then has. Keys do not change with it; those that exceed it are
 * returned, and revoked if the input says so. NOT_FOUND; LAST_MANAGING_KEY; CONFLICT for a system role and for the name
 * of another role; VALIDATION_FAILED.
 */
export async function updateRole(
  needs: RoleNeeds & ManagingKeyNeeds,
  caller: Caller,
  roleId: string,
  changes: RoleChanges,
): Promise<UpdatedRole> {
  return changeAuthorized(needs, caller, ['roles:write'], async (stores, caller, now) => {
    const { roles, members, audit } = stores;
    const before = await changeableRole(roles, caller, roleId);
    const changed = applyChanges(before, changes, needs.catalogue);
    const isChange = canonicalJson(changed) !== canonicalJson(before);
    const after = isChange ? { ...changed, updatedAt: now } : before;
    const granter = await grantorOf(members, caller);
    requireMayWiden(granter, before, after);
    if (after.name !== before.name) await requireFreeName(roles, caller.workspaceId, after.name, roleId);
    const { force, revokeExceeding } = changes;
    const guard = { ...needs, workspaceId: caller.workspaceId, now, force };
    const exceedingKeys = await keepManagingKey(stores, guard, async () => {
      if (isChange) {
        await roles.update(after);
        const facts = { before: roleFacts(before), after: roleFacts(after) };
        const target = { kind: 'role', id: roleId } as const;
        await recordChange(audit, caller, { eventType: 'role.updated', target, ...facts }, now);
      }
      return revokeExceedingKeys(stores, caller, { roleId }, revokeExceeding, now);
    });
    return { role: { ...after, isAssignable: grantViolations(granter, after).length === 0 }, exceedingKeys };
  });
}

function applyChanges(role: CountedRole, changes: RoleChanges, catalogue: Catalogue): CountedRole {
  const name = changes.name === undefined ? role.name : parseRoleName(changes.name);
  const description =
    changes.description === undefined ? role.description : parseRoleDescription(changes.description);
  const permissions = catalogue.inOrder(changes.permissions ?? role.permissions);
  return { ...role, name, description, permissions };
}

function requireMayWiden(granter: Grantor, before: CountedRole, after: CountedRole): void {
  if (widensRole(before, after)) requireRoleGrant(granter, after);
}
