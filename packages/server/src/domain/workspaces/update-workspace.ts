import type { PermissionMode } from '@latchkey/contract';
import { recordChange } from '../audit/record-change.ts';
import { type Caller, requirePermission } from '../shared/caller.ts';
import { parsePlainText } from '../shared/plain-text.ts';
import { WORKSPACE_NAME_MAX } from './open-workspace.ts';
import { ownWorkspace } from './own-workspace.ts';
import { type Workspace, workspaceFacts } from './workspace.ts';
import type { WorkspaceNeeds } from './workspace-needs.ts';

/** Left out: unchanged. */
export interface WorkspaceChanges {
  readonly name?: string | undefined;
  readonly permissionMode?: PermissionMode | undefined;
}

/** Changes the caller's workspace. A new mode holds for every key from the answer on. VALIDATION_FAILED. */
export async function updateWorkspace(
  { unitOfWork, clock }: WorkspaceNeeds,
  caller: Caller,
  changes: WorkspaceChanges,
): Promise<Workspace> {
  requirePermission(caller, 'workspace:settings-write');
  return unitOfWork.transact(async ({ workspaces, audit }) => {
    const before = await ownWorkspace(workspaces, caller);
    const name =
      changes.name === undefined ? before.name : parsePlainText(changes.name, 'name', WORKSPACE_NAME_MAX);
    const { permissionMode = before.permissionMode } = changes;
    const after = { ...before, name, permissionMode, updatedAt: clock.now() };
    await workspaces.update(after);
    const facts = { before: workspaceFacts(before), after: workspaceFacts(after) };
    const target = { kind: 'workspace', id: after.id } as const;
    await recordChange(audit, caller, { eventType: 'workspace.updated', target, ...facts }, after.updatedAt);
    return after;
  });
}
