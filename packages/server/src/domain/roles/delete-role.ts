import { changeAuthorized } from '../access/authorized-change.ts';
import { withdrawInvitation } from '../access/revocations.ts';
import { recordChange } from '../audit/record-change.ts';
import { AppError } from '../shared/app-error.ts';
import type { Caller } from '../shared/caller.ts';
import { type CountedRole, changeableRole, roleFacts } from '../tenancy/role.ts';
import type { WorkspaceNeeds, WorkspaceStores } from '../tenancy/stores.ts';

/**
 * Deletes a role and revokes the open invitations into it. NOT_FOUND; CONFLICT for a system role and for one that a member
 * still has.
 */
export async function deleteRole(
  needs: WorkspaceNeeds,
  caller: Caller,
  roleId: string,
): Promise<CountedRole> {
  return changeAuthorized(needs, caller, ['roles:delete'], async (stores, caller, now) => {
    const { roles, audit } = stores;
    const role = await changeableRole(roles, caller, roleId);
    if (role.memberCount > 0)
      throw new AppError('CONFLICT', {
        message: `${role.memberCount} members still have the role; give them another first`,
      });
    await revokeInvitationsInto(stores, caller, roleId, now);
    await roles.remove(caller.workspaceId, roleId);
    const target = { kind: 'role', id: roleId } as const;
    const change = { eventType: 'role.deleted', target, before: roleFacts(role), after: null } as const;
    await recordChange(audit, caller, change, now);
    return role;
  });
}

async function revokeInvitationsInto(
  { invitations, audit }: WorkspaceStores,
  caller: Caller,
  roleId: string,
  now: number,
): Promise<void> {
  for (const invitation of await invitations.listOpenInto(caller.workspaceId, roleId))
    await withdrawInvitation({ invitations, audit }, caller, invitation, now);
}
