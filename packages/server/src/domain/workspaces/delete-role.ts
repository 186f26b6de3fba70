import { recordChange } from '../audit/record-change.ts';
import { AppError } from '../shared/app-error.ts';
import { type Caller, requirePermission } from '../shared/caller.ts';
import { type CountedRole, roleFacts } from './role.ts';
import { changeableRole } from './visible-role.ts';
import type { WorkspaceNeeds } from './workspace-needs.ts';

/**
 * Deletes a role. NOT_FOUND; CONFLICT for a system role and for one that a member still has. An open invitation to it can
 * then no longer be accepted.
 */
export async function deleteRole(
  { unitOfWork, clock }: WorkspaceNeeds,
  caller: Caller,
  roleId: string,
): Promise<CountedRole> {
  requirePermission(caller, 'roles:delete');
  return unitOfWork.transact(async ({ roles, audit }) => {
    const role = await changeableRole(roles, caller, roleId);
    if (role.memberCount > 0)
      throw new AppError('CONFLICT', {
        message: `${role.memberCount} members still have the role; give them another first`,
      });
    await roles.remove(caller.workspaceId, roleId);
    const target = { kind: 'role', id: roleId } as const;
    const change = { eventType: 'role.deleted', target, before: roleFacts(role), after: null } as const;
    await recordChange(audit, caller, change, clock.now());
    return role;
  });
}
