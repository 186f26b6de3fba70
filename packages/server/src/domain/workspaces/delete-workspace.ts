import { type Caller, requirePermission } from '../shared/caller.ts';
import { ownWorkspace } from './own-workspace.ts';
import type { Workspace } from './workspace.ts';
import type { WorkspaceNeeds } from './workspace-needs.ts';

/** Ends the caller's workspace for ever: from the answer on every key of it is refused as revoked. */
export async function deleteWorkspace(
  { unitOfWork, clock }: WorkspaceNeeds,
  caller: Caller,
): Promise<Workspace> {
  requirePermission(caller, 'workspace:delete');
  return unitOfWork.transact(async ({ workspaces }) => {
    const before = await ownWorkspace(workspaces, caller);
    const now = clock.now();
    const after = { ...before, updatedAt: now, deletedAt: before.deletedAt ?? now };
    await workspaces.update(after);
    return after;
  });
}
