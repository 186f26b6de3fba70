import { type Caller, requirePermission } from '../shared/caller.ts';
import type { Workspace } from './workspace.ts';
import type { WorkspaceStore } from './workspace-store.ts';

/** A key sees the workspace it belongs to, a person all in which they are active. */
export async function listWorkspaces(
  { workspaces }: { readonly workspaces: WorkspaceStore },
  caller: Caller,
): Promise<Workspace[]> {
  requirePermission(caller, 'workspace:read');
  const all = await workspaces.listOf(caller.userId);
  return caller.kind === 'key' ? all.filter(({ id }) => id === caller.workspaceId) : all;
}
