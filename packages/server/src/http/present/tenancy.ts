import {
  type AccountBody,
  DEFAULT_ROLE_NAME,
  type ExceedingKeyBody,
  type InvitationBody,
  type MemberBody,
  type OfferBody,
  type RoleBody,
  type SessionBody,
  type WorkspaceBody,
} from '@latchkey/contract';
import type { AccountOverview, PlacedMember } from '../../domain/identity/account-overview.ts';
import type { ListedRole } from '../../domain/roles/list-roles.ts';
import type { Session } from '../../domain/sessions/session.ts';
import { type Invitation, invitationStatus } from '../../domain/tenancy/invitation.ts';
import type { Member } from '../../domain/tenancy/member.ts';
import type { ExceedingKey } from '../../domain/tenancy/member-credentials.ts';
import { type Workspace, workspaceStatus } from '../../domain/tenancy/workspace.ts';
import { presentInstant, presentOptionalInstant } from './key.ts';

export function presentWorkspace(workspace: Workspace): WorkspaceBody {
  const { id, name, permissionMode, createdAt, updatedAt } = workspace;
  const status = workspaceStatus(workspace);
  return { id, name, permissionMode, status, ...presentTimes({ createdAt, updatedAt }) };
}

export function presentRole(role: ListedRole): RoleBody {
  const { id, workspaceId, name, description, permissions, systemName, memberCount, isAssignable } = role;
  return {
    id,
    workspaceId,
    name,
    description,
    permissions: [...permissions],
    isSystem: systemName !== null,
    isDefault: systemName === DEFAULT_ROLE_NAME,
    memberCount,
    assignable: isAssignable,
    ...presentTimes(role),
  };
}

export function presentMember(member: Member): MemberBody {
  const { id: userId, workspaceId, email, displayName, roleId, roleName, status } = member;
  return { userId, workspaceId, email, displayName, roleId, roleName, status, ...presentTimes(member) };
}

export function presentExceeding(keys: readonly ExceedingKey[]): ExceedingKeyBody[] {
  return keys.map(({ id, ownerId: userId, name, hint, lastUsedAt, exceeding }) => ({
    id,
    userId,
    name,
    key: hint,
    lastUsedAt: presentOptionalInstant(lastUsedAt),
    exceeding: [...exceeding],
  }));
}

/** An invitation for answers. Only the answer to its creation has the token and the URL to accept it. */
export function presentInvitation(
  invitation: Invitation,
  now: number,
  door: Pick<InvitationBody, 'token' | 'acceptUrl'> = {},
): InvitationBody {
  const { id, workspaceId, inviter, email, roleId, roleName, expiresAt, acceptedAt } = invitation;
  return {
    id,
    workspaceId,
    inviterId: inviter.id,
    email,
    roleId,
    roleName,
    status: invitationStatus(invitation, now),
    ...door,
    expiresAt: presentInstant(expiresAt),
    ...presentTimes(invitation),
    acceptedAt: presentOptionalInstant(acceptedAt),
    inviterEmail: inviter.email,
    inviterDisplayName: inviter.displayName,
  };
}

function presentTimes({ createdAt, updatedAt }: { createdAt: number; updatedAt: number }) {
  return { createdAt: presentInstant(createdAt), updatedAt: presentInstant(updatedAt) };
}

export function presentSession(session: Session, currentId: string | undefined): SessionBody {
  const { id, workspaceId, userId, createdAt, lastSeenAt, expiresAt, address, agent } = session;
  return {
    id,
    workspaceId,
    userId,
    createdAt: presentInstant(createdAt),
    lastSeenAt: presentInstant(lastSeenAt),
    expiresAt: presentInstant(expiresAt),
    address,
    agent,
    isCurrent: id === currentId,
  };
}

export function presentAccount({ defaultWorkspaceId, members, offers }: AccountOverview): AccountBody {
  return {
    defaultWorkspaceId,
    members: members.map((placed) => ({
      ...presentPlaced(placed),
      status: placed.member.status,
      isDefault: placed.workspace.id === defaultWorkspaceId,
    })),
    offers: offers.map(presentOffer),
  };
}

export function presentOffer(placed: PlacedMember): OfferBody {
  return { id: placed.member.id, ...presentPlaced(placed) };
}

function presentPlaced({ member, workspace }: PlacedMember) {
  const { id: userId, email, displayName, roleName } = member;
  return { userId, workspaceId: workspace.id, workspaceName: workspace.name, email, displayName, roleName };
}
