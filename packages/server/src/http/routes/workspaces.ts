import { createWorkspace, deleteWorkspace, listWorkspaces, updateWorkspace } from '@latchkey/contract';
import { createWorkspace as create } from '../../domain/workspaces/create-workspace.ts';
import { deleteWorkspace as remove } from '../../domain/workspaces/delete-workspace.ts';
import { listWorkspaces as list } from '../../domain/workspaces/list-workspaces.ts';
import { updateWorkspace as update } from '../../domain/workspaces/update-workspace.ts';
import { replayHeader } from '../pipeline/request-headers.ts';
import { type Route, route } from '../pipeline/route.ts';
import type { Services } from '../pipeline/services.ts';
import { presentPage } from '../present/page.ts';
import { presentWorkspace } from '../present/tenancy.ts';

export function workspaceRoutes(services: Services): Route[] {
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
    route(updateWorkspace, async ({ caller, body }) => {
      const workspace = await update(services, caller, body);
      return { message: 'Workspace updated', result: { workspace: presentWorkspace(workspace) } };
    }),
    route(deleteWorkspace, async ({ caller }) => {
      const workspace = await remove(services, caller);
      return { message: 'Workspace deleted', result: { workspace: presentWorkspace(workspace) } };
    }),
  ];
}
