import type { Catalogue } from '@latchkey/contract';
import type { MintNeeds } from '../keys/create-key.ts';
import type { KeyStores } from '../keys/key-store.ts';
import type { SessionStores } from '../sessions/stores.ts';
import { AppError } from '../shared/app-error.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import { type Member, visibleMember } from '../tenancy/member.ts';
import type { WorkspaceStores } from '../tenancy/stores.ts';
import type { Workspace } from '../tenancy/workspace.ts';

/** The stores that a call from the host reads and writes in one transaction. */
export type HostStores = KeyStores & SessionStores & WorkspaceStores;

/** What a verb needs that a user of the host calls without a credential. */
export interface HostNeeds extends Omit<MintNeeds, 'unitOfWork'> {
  readonly unitOfWork: UnitOfWork<HostStores>;
  readonly catalogue: Catalogue;
}

/** For whom a call from the host acts. */
export interface HostTarget {
  /** Left out: the oldest workspace that is not deleted. */
  readonly workspaceId?: string | undefined;
  /** Left out: the owner of the workspace who has been there longest, an active one if there is one. */
  readonly userId?: string | undefined;
}

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
