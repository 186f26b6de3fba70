import type { Catalogue } from '@latchkey/contract';
import { newId } from '../shared/id.ts';
import type { Person } from '../tenancy/member.ts';
import { systemRoles } from '../tenancy/role.ts';
import type { WorkspaceStores } from '../tenancy/stores.ts';
import type { Workspace } from '../tenancy/workspace.ts';

/** The labels of the keys of a new workspace. */
export const FIRST_LABELS = { keyPrefix: 'lk', keyEnvironment: 'live' } as const;

export const WORKSPACE_NAME_MAX = 100;

export interface Opening {
  /** As `parsePlainText` returns it. */
  readonly name: string;
  /** Becomes the owner. The id must be new, since a person belongs to one workspace. */
  readonly owner: Person;
  /** The account that the owner has proven; left out or null: none. */
  readonly accountId?: string | null;
  /** The member of another workspace who makes it; left out or null: the operator. */
  readonly madeBy?: string | null;
}

export interface OpeningNeeds extends Pick<WorkspaceStores, 'workspaces' | 'roles' | 'members'> {
  readonly catalogue: Catalogue;
}

/** Makes a workspace with the system roles and its first owner, in the transaction of the stores. */
export async function openWorkspace(
  { workspaces, roles, members, catalogue }: OpeningNeeds,
  { name, owner, accountId = null, madeBy = null }: Opening,
  now: number,
): Promise<Workspace> {
  const workspace: Workspace = {
    id: newId('ws'),
    name,
    ...FIRST_LABELS,
    permissionMode: 'frozen',
    createdAt: now,
    updatedAt: now,
    suspendedAt: null,
    deletedAt: null,
  };
  await workspaces.insert(workspace, madeBy);
  const system = systemRoles(catalogue, workspace.id, now);
  for (const role of Object.values(system)) await roles.insert(role);
  await members.insertPerson(workspace.id, owner, now);
  if (accountId !== null) await members.claim(workspace.id, owner.id, accountId, now);
  const membership = { workspaceId: workspace.id, userId: owner.id, roleId: system.Owner.id };
  await members.insert({ ...membership, status: 'active', createdAt: now, updatedAt: now });
  return workspace;
}
