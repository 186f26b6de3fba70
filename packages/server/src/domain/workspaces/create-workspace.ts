import { recordChange } from '../audit/record-change.ts';
import { type Caller, requirePermission } from '../shared/caller.ts';
import { parsePlainText } from '../shared/plain-text.ts';
import { openWorkspace, WORKSPACE_NAME_MAX } from './open-workspace.ts';
import { type Workspace, workspaceFacts } from './workspace.ts';
import type { RoleNeeds } from './workspace-needs.ts';

/**
 * Makes another workspace, with the caller's user as its owner. A key may do that only with `workspace:settings-write`,
 * and gains nothing by it: it stays a key of its own workspace. VALIDATION_FAILED.
 */
export async function createWorkspace(
  { unitOfWork, clock, catalogue }: RoleNeeds,
  caller: Caller,
  input: { readonly name: string },
): Promise<Workspace> {
  if (caller.kind === 'key') requirePermission(caller, 'workspace:settings-write');
  const name = parsePlainText(input.name, 'name', WORKSPACE_NAME_MAX);
  return unitOfWork.transact(async (stores) => {
    const now = clock.now();
    const workspace = await openWorkspace({ ...stores, catalogue }, { name, ownerId: caller.userId }, now);
    const target = { kind: 'workspace', id: workspace.id } as const;
    const change = {
      eventType: 'workspace.created',
      target,
      before: null,
      after: workspaceFacts(workspace),
    } as const;
    // The log of the caller's workspace tells that it was made, the log of the new one begins with it.
    await recordChange(stores.audit, caller, change, now);
    await recordChange(stores.audit, { ...caller, workspaceId: workspace.id }, change, now);
    return workspace;
  });
}
