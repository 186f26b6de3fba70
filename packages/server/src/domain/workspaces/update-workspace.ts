import type { PermissionMode } from '@latchkey/contract';
import { changeAuthorized } from '../access/authorized-change.ts';
import { type KeyEndingNeeds, keepManagingKey } from '../access/managing-keys.ts';
import { recordChange } from '../audit/record-change.ts';
import type { Caller } from '../shared/caller.ts';
import { parsePlainText } from '../shared/text/plain-text.ts';
import { type Workspace, workspaceFacts } from '../tenancy/workspace.ts';
import { ownWorkspace } from './list-workspaces.ts';
import { WORKSPACE_NAME_MAX } from './open-workspace.ts';

/** Left out: unchanged. */
export interface WorkspaceChanges {
  readonly name?: string | undefined;
  readonly permissionMode?: PermissionMode | undefined;
  /** Do it although no active key could make keys then and no account can sign in. */
  readonly force?: boolean | undefined;
}

/**
 * Changes the caller's workspace. A new mode applies to every key once this resolves. LAST_MANAGING_KEY;
 * VALIDATION_FAILED.
 */
export async function updateWorkspace(
  needs: KeyEndingNeeds,
  caller: Caller,
  changes: WorkspaceChanges,
): Promise<Workspace> {
  const permissions = ['workspace:settings-write'] as const;
  return changeAuthorized(needs, caller, permissions, async (stores, caller, now) => {
    const { workspaces, audit } = stores;
    const before = await ownWorkspace(workspaces, caller);
    const name =
      changes.name === undefined ? before.name : parsePlainText(changes.name, 'name', WORKSPACE_NAME_MAX);
    const { permissionMode = before.permissionMode } = changes;
    if (name === before.name && permissionMode === before.permissionMode) return before;
    const after = { ...before, name, permissionMode, updatedAt: now };
    const guard = { ...needs, workspaceId: after.id, now, force: changes.force };
    await keepManagingKey(stores, guard, () => workspaces.update(after));
    const facts = { before: workspaceFacts(before), after: workspaceFacts(after) };
    const target = { kind: 'workspace', id: after.id } as const;
    await recordChange(audit, caller, { eventType: 'workspace.updated', target, ...facts }, after.updatedAt);
    return after;
  });
}
