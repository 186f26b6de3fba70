import { recordChange } from '../audit/record-change.ts';
import { actsInPerson, type Caller } from '../shared/caller.ts';
import { type Caps, requireRoom } from '../shared/caps.ts';
import { parsePlainText } from '../shared/plain-text.ts';
import { changeAs } from './change-as.ts';
import { openWorkspace, WORKSPACE_NAME_MAX } from './open-workspace.ts';
import { type Workspace, workspaceFacts } from './workspace.ts';
import type { RoleNeeds } from './workspace-needs.ts';

export interface CreateWorkspaceNeeds extends RoleNeeds {
  readonly caps: Caps;
}

/**
 * Makes another workspace, with the caller's user as its owner. A key, and a session that
 * a key or another member opened, may do that only with `workspace:settings-write`, and gains nothing by it: it stays a key of its own workspace. LIMIT_REACHED; VALIDATION_FAILED.
 */
export async function createWorkspace(
  needs: CreateWorkspaceNeeds,
  caller: Caller,
  input: { readonly name: string },
): Promise<Workspace> {
  const permissions = actsInPerson(caller) ? [] : (['workspace:settings-write'] as const);
  return changeAs(needs, caller, permissions, async (stores, caller, now) => {
    const name = parsePlainText(input.name, 'name', WORKSPACE_NAME_MAX);
    requireRoom(needs.caps, 'workspacesPerPerson', await stores.workspaces.countOwnedBy(caller.userId));
    const workspace = await openWorkspace(
      { ...stores, catalogue: needs.catalogue },
      { name, ownerId: caller.userId },
      now,
    );
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
