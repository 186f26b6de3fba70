import { AppError } from '../shared/app-error.ts';
import type { Caller } from '../shared/caller.ts';
import type { Member } from './member.ts';
import type { MemberStore } from './member-store.ts';
import type { CountedRole } from './role.ts';
import type { RoleStore } from './role-store.ts';
import type { Workspace } from './workspace.ts';
import type { WorkspaceStore } from './workspace-store.ts';

/** The member of the caller's workspace, else NOT_FOUND: alike for an unknown user and one of another workspace. */
export async function foundMember(members: MemberStore, caller: Caller, userId: string): Promise<Member> {
  const member = await members.find(caller.workspaceId, userId);
  if (!member) throw new AppError('NOT_FOUND', { message: `No member ${userId}` });
  return member;
}

/** A member only while they are active: of a suspended one nothing new can be made. Null on a miss. */
export async function activeMember(
  members: MemberStore,
  workspaceId: string,
  userId: string,
): Promise<Member | null> {
  const member = await members.find(workspaceId, userId);
  return member?.status === 'active' ? member : null;
}

/** The role of the caller's workspace, else NOT_FOUND. */
export async function foundRole(roles: RoleStore, caller: Caller, roleId: string): Promise<CountedRole> {
  const role = await roles.find(caller.workspaceId, roleId);
  if (!role) throw new AppError('NOT_FOUND', { message: `No role ${roleId}` });
  return role;
}

/** `foundRole` for changes: CONFLICT for a system role. */
export async function changeableRole(roles: RoleStore, caller: Caller, roleId: string): Promise<CountedRole> {
  const role = await foundRole(roles, caller, roleId);
  if (role.systemName !== null)
    throw new AppError('CONFLICT', { message: `${role.name} is a system role, which nobody can change` });
  return role;
}

/** The caller's own workspace. */
export async function ownWorkspace(workspaces: WorkspaceStore, { workspaceId }: Caller): Promise<Workspace> {
  const workspace = await workspaces.find(workspaceId);
  if (!workspace) throw new Error(`The workspace ${workspaceId} of a live credential is gone`);
  return workspace;
}
