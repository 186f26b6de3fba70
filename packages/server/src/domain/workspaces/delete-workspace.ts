import { recordChange } from '../audit/record-change.ts';
import { type Caller, requirePermission } from '../shared/caller.ts';
import { ownWorkspace } from './own-workspace.ts';
import { type Workspace, workspaceFacts } from './workspace.ts';
import type { WorkspaceNeeds } from './workspace-needs.ts';

/** Ends the caller's workspace for ever: from the answer on every key of it is refused as revoked. */
export async function deleteWorkspace(
  { unitOfWork, clock }: WorkspaceNeeds,
  caller: Caller,
): Promise<Workspace> {
  requirePermission(caller, 'workspace:delete');
  return unitOfWork.transact(async ({ workspaces, audit }) => {
    const before = await ownWorkspace(workspaces, caller);
    const now = clock.now();
    const after = { ...before, updatedAt: now, deletedAt: before.deletedAt ?? now };
    await workspaces.update(after);
    const facts = { before: workspaceFacts(before), after: workspaceFacts(after) };
    const target = { kind: 'workspace', id: after.id } as const;
    await recordChange(audit, caller, { eventType: 'workspace.deleted', target, ...facts }, after.updatedAt);
    return after;
  });
}
