import { recordChange } from '../audit/record-change.ts';
import type { Caller } from '../shared/caller.ts';
import { changeAs } from './change-as.ts';
import { ownWorkspace } from './own-workspace.ts';
import { type Workspace, workspaceFacts } from './workspace.ts';
import type { WorkspaceNeeds } from './workspace-needs.ts';

/** Ends the caller's workspace for ever: from the answer on every key of it is refused as revoked. */
export async function deleteWorkspace(needs: WorkspaceNeeds, caller: Caller): Promise<Workspace> {
  return changeAs(needs, caller, ['workspace:delete'], async ({ workspaces, audit }, caller, now) => {
    const before = await ownWorkspace(workspaces, caller);
    const after = { ...before, updatedAt: now, deletedAt: before.deletedAt ?? now };
    await workspaces.update(after);
    const facts = { before: workspaceFacts(before), after: workspaceFacts(after) };
    const target = { kind: 'workspace', id: after.id } as const;
    await recordChange(audit, caller, { eventType: 'workspace.deleted', target, ...facts }, after.updatedAt);
    return after;
  });
}
