import { changeAuthorized } from '../access/authorized-change.ts';
import { recordChange } from '../audit/record-change.ts';
import { AppError } from '../shared/app-error.ts';
import type { Caller } from '../shared/caller.ts';
import type { WorkspaceNeeds } from '../tenancy/stores.ts';
import { type Workspace, workspaceFacts } from '../tenancy/workspace.ts';
import { ownWorkspace } from './list-workspaces.ts';

const LAST_WAY_IN =
  'No other workspace has a working key with api-keys:write, so the service would become unusable. Create such a key in ' +
  'another workspace first. To remove the service as a whole, stop it and delete its data';

/**
 * Deletes the caller's workspace permanently: when this resolves, all its keys are denied as revoked. CONFLICT if no other
 * workspace has a working key that can make keys, since the service could not be used again.
 */
export async function deleteWorkspace(needs: WorkspaceNeeds, caller: Caller): Promise<Workspace> {
  return changeAuthorized(needs, caller, ['workspace:delete'], async (stores, caller, now) => {
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
