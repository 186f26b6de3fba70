import { AppError } from '../shared/app-error.ts';
import { type Caller, requirePermission } from '../shared/caller.ts';
import type { CountedRole } from './role.ts';
import { changeableRole } from './visible-role.ts';
import type { WorkspaceNeeds } from './workspace-needs.ts';

/**
 * Deletes a role. NOT_FOUND; CONFLICT for a system role and for one that a member still has. An open invitation to it can
 * then no longer be accepted.
 */
export async function deleteRole(
  { unitOfWork }: WorkspaceNeeds,
  caller: Caller,
  roleId: string,
): Promise<CountedRole> {
  requirePermission(caller, 'roles:delete');
  return unitOfWork.transact(async ({ roles }) => {
    const role = await changeableRole(roles, caller, roleId);
    if (role.memberCount > 0)
      throw new AppError('CONFLICT', {
        message: `${role.memberCount} members still have the role; give them another first`,
      });
    await roles.remove(caller.workspaceId, roleId);
    return role;
  });
}
