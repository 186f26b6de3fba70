import type { PermissionMode } from '@latchkey/contract';
import { type Caller, requirePermission } from '../shared/caller.ts';
import { parsePlainText } from '../shared/plain-text.ts';
import { WORKSPACE_NAME_MAX } from './open-workspace.ts';
import { ownWorkspace } from './own-workspace.ts';
import type { Workspace } from './workspace.ts';
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
  return unitOfWork.transact(async ({ workspaces }) => {
    const before = await ownWorkspace(workspaces, caller);
    const name =
      changes.name === undefined ? before.name : parsePlainText(changes.name, 'name', WORKSPACE_NAME_MAX);
    const { permissionMode = before.permissionMode } = changes;
    const after = { ...before, name, permissionMode, updatedAt: clock.now() };
    await workspaces.update(after);
    return after;
  });
}
