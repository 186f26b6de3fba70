import { type Caller, requirePermission } from '../shared/caller.ts';
import type { MemberStore } from './member-store.ts';
import { ownWorkspace } from './own-workspace.ts';
import type { Workspace } from './workspace.ts';
import type { WorkspaceStore } from './workspace-store.ts';

export interface ListWorkspacesNeeds {
  readonly workspaces: WorkspaceStore;
  readonly members: MemberStore;
}

/** The caller's workspace; for a caller who has proven an account all in which a member of it is active. */
export async function listWorkspaces(
  { workspaces, members }: ListWorkspacesNeeds,
  caller: Caller,
): Promise<Workspace[]> {
  requirePermission(caller, 'workspace:read');
  if (caller.accountId === undefined) return [await ownWorkspace(workspaces, caller)];
  const active = (await members.listOf(caller.accountId)).filter(({ status }) => status === 'active');
  return Promise.all(active.map((member) => ownWorkspace(workspaces, member)));
}
