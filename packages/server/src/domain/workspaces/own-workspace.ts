import type { Caller } from '../shared/caller.ts';
import type { Workspace } from '../tenancy/workspace.ts';
import type { WorkspaceStore } from './workspace-store.ts';

/** The caller's own workspace. */
export async function ownWorkspace(
  workspaces: WorkspaceStore,
  { workspaceId }: Pick<Caller, 'workspaceId'>,
): Promise<Workspace> {
  const workspace = await workspaces.find(workspaceId);
  if (!workspace) throw new Error(`The workspace ${workspaceId} of a valid credential is missing`);
  return workspace;
}
