import { actsInPerson, type Caller, requirePermission } from '../shared/caller.ts';
import type { Workspace } from './workspace.ts';
import type { WorkspaceStore } from './workspace-store.ts';

/** A person sees all workspaces in which they are active; a key, and a session that others opened, only its own. */
export async function listWorkspaces(
  { workspaces }: { readonly workspaces: WorkspaceStore },
  caller: Caller,
): Promise<Workspace[]> {
  requirePermission(caller, 'workspace:read');
  const all = await workspaces.listOf(caller.userId);
  return actsInPerson(caller) ? all : all.filter(({ id }) => id === caller.workspaceId);
}
