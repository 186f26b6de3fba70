import { AppError } from '../shared/app-error.ts';
import { type Member, visibleMember } from '../tenancy/member.ts';
import type { Workspace } from '../tenancy/workspace.ts';
import type { HostStores, HostTarget } from './host-stores.ts';

/** The member whom a call from the host acts for, active or suspended. NOT_FOUND, naming what is not there. */
export async function targetMember(stores: HostStores, { workspaceId, userId }: HostTarget): Promise<Member> {
  const workspace = await targetWorkspace(stores, workspaceId);
  if (userId !== undefined) return visibleMember(stores.members, { workspaceId: workspace.id }, userId);
  const [owner] = await stores.members.listOwners(workspace.id);
  if (!owner) throw new AppError('NOT_FOUND', { message: `Workspace ${workspace.id} has no owner` });
  return owner;
}

async function targetWorkspace({ workspaces }: HostStores, workspaceId?: string): Promise<Workspace> {
  const workspace =
    workspaceId === undefined ? await workspaces.firstKept() : await workspaces.find(workspaceId);
  if (workspace?.deletedAt === null) return workspace;
  throw new AppError('NOT_FOUND', { message: `No workspace ${workspaceId ?? 'is left'}` });
}
