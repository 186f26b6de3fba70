import { recordChange } from '../audit/record-change.ts';
import { AppError } from '../shared/app-error.ts';
import type { Caller } from '../shared/caller.ts';
import { changeAs } from './change-as.ts';
import { ownWorkspace } from './own-workspace.ts';
import { type Workspace, workspaceFacts } from './workspace.ts';
import type { WorkspaceNeeds } from './workspace-needs.ts';

const LAST_WAY_IN =
  'No other workspace has a working key with api-keys:write, so nobody could use this service any more. Make one there ' +
  'first; or, to give the service up, stop it and remove its data';

/**
 * Ends the caller's workspace for ever: from the answer on every key of it is refused as revoked. CONFLICT where no other
 * workspace has a key that could make keys: nobody could get into the service any more, and nothing could mend that.
 */
export async function deleteWorkspace(needs: WorkspaceNeeds, caller: Caller): Promise<Workspace> {
  return changeAs(needs, caller, ['workspace:delete'], async (stores, caller, now) => {
    const { workspaces, ownedKeys, audit } = stores;
    if (!(await ownedKeys.worksElsewhere(caller.workspaceId, now)))
      throw new AppError('CONFLICT', { message: LAST_WAY_IN });
    const before = await ownWorkspace(workspaces, caller);
    const after = { ...before, updatedAt: now, deletedAt: before.deletedAt ?? now };
    await workspaces.update(after);
    const facts = { before: workspaceFacts(before), after: workspaceFacts(after) };
    const target = { kind: 'workspace', id: after.id } as const;
    await recordChange(audit, caller, { eventType: 'workspace.deleted', target, ...facts }, after.updatedAt);
    return after;
  });
}
