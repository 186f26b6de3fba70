import type { Catalogue } from '@latchkey/contract';
import { newId } from '../shared/id.ts';
import { systemRoles } from './role.ts';
import type { Workspace } from './workspace.ts';
import type { WorkspaceStores } from './workspace-stores.ts';

export const WORKSPACE_NAME_MAX = 100;

export interface Opening {
  /** As `parsePlainText` reads it. */
  readonly name: string;
  /** A person of the service; becomes the owner. */
  readonly ownerId: string;
}

export interface OpeningNeeds extends Pick<WorkspaceStores, 'workspaces' | 'roles' | 'members'> {
  readonly catalogue: Catalogue;
}

/** Makes a workspace with the system roles and its first owner, in the transaction of the stores. */
export async function openWorkspace(
  { workspaces, roles, members, catalogue }: OpeningNeeds,
  { name, ownerId }: Opening,
  now: number,
): Promise<Workspace> {
  const workspace: Workspace = {
    id: newId('ws'),
    name,
    keyPrefix: 'lk',
    keyEnvironment: 'live',
    permissionMode: 'frozen',
    createdAt: now,
    updatedAt: now,
    suspendedAt: null,
    deletedAt: null,
  };
  await workspaces.insert(workspace);
  const system = systemRoles(catalogue, workspace.id, now);
  for (const role of Object.values(system)) await roles.insert(role);
  const membership = { workspaceId: workspace.id, userId: ownerId, roleId: system.Owner.id };
  await members.insert({ ...membership, status: 'active', createdAt: now, updatedAt: now });
  return workspace;
}
