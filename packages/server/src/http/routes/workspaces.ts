import { createWorkspace, deleteWorkspace, listWorkspaces, updateWorkspace } from '@latchkey/contract';
import { type AffectedKeys, keysBeyondOwner } from '../../domain/keys/affected-keys.ts';
import type { Caller } from '../../domain/shared/caller.ts';
import type { Workspace } from '../../domain/tenancy/workspace.ts';
import { createWorkspace as create } from '../../domain/workspaces/create-workspace.ts';
import { deleteWorkspace as remove } from '../../domain/workspaces/delete-workspace.ts';
import { listWorkspaces as list } from '../../domain/workspaces/list-workspaces.ts';
import { updateWorkspace as update } from '../../domain/workspaces/update-workspace.ts';
import { changeMessage, presentEffect, runOrRehearse } from '../pipeline/change-options.ts';
import { replayHeader } from '../pipeline/request-headers.ts';
import { type Route, route } from '../pipeline/route.ts';
import type { Services } from '../pipeline/services.ts';
import { presentAffected } from '../present/key.ts';
import { presentPage } from '../present/page.ts';
import { presentWorkspace } from '../present/tenancy.ts';

export function workspaceRoutes(services: Services): Route[] {
  // After a dry run, the stored workspace is as before it.
  const keysChangedBy = async (caller: Caller, after: Workspace): Promise<AffectedKeys> => {
    const before = await services.workspaces.find(after.id);
    if (before?.permissionMode === after.permissionMode) return { total: 0, keys: [] };
    return keysBeyondOwner(services, caller);
  };
  return [
    route(createWorkspace, async ({ caller, body, idempotency, setHeaders }) => {
      const created = await create(services, caller, body, idempotency);
      const { workspace, key } = created;
      setHeaders({ Location: `${createWorkspace.path}/${workspace.id}`, ...replayHeader(created) });
      const result = { workspace: presentWorkspace(workspace), ...(key !== null && { key }) };
      return { message: 'Workspace created', result };
    }),
    route(listWorkspaces, async ({ caller, query, signal }) => {
      const page = await list(services.reading(signal), caller, query);
      const workspaces = page.items.map(presentWorkspace);
      return { message: 'Workspaces listed', result: { workspaces, pagination: presentPage(page) } };
    }),
    route(updateWorkspace, async (call) => {
      const { caller, body, query } = call;
      const workspace = await runOrRehearse(services, query, (services) => update(services, caller, body));
      const affected = query.dryRun ? await keysChangedBy(caller, workspace) : null;
      const result = {
        workspace: presentWorkspace(workspace),
        ...(await presentEffect(services, call)),
        ...(affected && { affected: presentAffected(affected) }),
      };
      return { message: changeMessage('Workspace updated', query), result };
    }),
    route(deleteWorkspace, async (call) => {
      const workspace = await remove(services, call.caller);
      const effect = await presentEffect(services, call);
      return { message: 'Workspace deleted', result: { workspace: presentWorkspace(workspace), ...effect } };
    }),
  ];
}
