import { INVITATION_MESSAGE_MAX } from '@latchkey/contract';
import { recordChange } from '../audit/record-change.ts';
import { AppError } from '../shared/app-error.ts';
import { type Caller, type Issuer, issuerOf } from '../shared/caller.ts';
import { originationBy } from '../shared/descent.ts';
import { newId } from '../shared/id.ts';
import type { Keyring } from '../shared/keyring.ts';
import { parsePlainText, requireNoSecret } from '../shared/plain-text.ts';
import { granterOf, requireAssignable } from './assignable.ts';
import { changeAs } from './change-as.ts';
import { INVITATION_KEPT_MS, type Invitation, invitationFacts } from './invitation.ts';
import { type InvitationCapNeeds, requireRoomForInvitation } from './invitation-caps.ts';
import { generateInvitationToken } from './invitation-token.ts';
import type { Member } from './member.ts';
import type { MemberStore } from './member-store.ts';
import type { Role } from './role.ts';
import { visibleMember } from './visible-member.ts';
import { visibleRole } from './visible-role.ts';
import { withdrawInvitation } from './withdraw-invitation.ts';
import type { WorkspaceNeeds } from './workspace-needs.ts';

export interface InvitationNeeds extends WorkspaceNeeds {
  readonly keyring: Keyring;
}

export interface NewInvitation {
  readonly email: string;
  readonly roleId: string;
  readonly message?: string | undefined;
  /** A mail is to be sent, with a token of its own. */
  readonly isMailed: boolean;
}

export interface CreatedInvitation {
  readonly invitation: Invitation;
  /**
   * Whole, for the only time. For the inviter, who may hand it on: it makes a member of this workspace, and proves nothing
   * of who accepts.
   */
  readonly token: string;
  /** For the mail alone: its holder receives mail at the address. Null if no mail is to be sent. */
  readonly mailToken: string | null;
}

/**
 * Invites an address into a role that the caller may give: PERMISSION_ESCALATION. An invitation to the same address that
 * is still open ends with it, so that no second token is left when somebody leaves. NOT_FOUND for the role; CONFLICT
 * where the address is a member's; LIMIT_REACHED; VALIDATION_FAILED.
 */
export async function createInvitation(
  needs: InvitationNeeds & InvitationCapNeeds,
  caller: Caller,
  input: NewInvitation,
): Promise<CreatedInvitation> {
  return changeAs(needs, caller, ['members:invite'], async (stores, caller, now) => {
    const { members, roles, invitations, audit } = stores;
    requireNoSecret(input.email, 'email');
    const message =
      input.message === undefined ? null : parsePlainText(input.message, 'message', INVITATION_MESSAGE_MAX);
    const role = await visibleRole(roles, caller, input.roleId);
    requireAssignable(await granterOf(members, caller), role);
    await requireNoMember(members, caller.workspaceId, input.email);
    const inviter = await visibleMember(members, caller, caller.userId);
    const token = generateInvitationToken();
    const mailToken = input.isMailed ? generateInvitationToken() : null;
    const digests = {
      shown: needs.keyring.digest(token),
      mailed: mailToken && needs.keyring.digest(mailToken),
    };
    const invitation = draft({ inviter, issuer: issuerOf(caller), email: input.email, role, message, now });
    for (const open of await invitations.listOpen(caller.workspaceId, input.email))
      await withdrawInvitation(stores, caller, open, now);
    await requireRoomForInvitation(needs, stores, invitation, !input.isMailed);
    await invitations.insert(invitation, digests);
    await stores.descent.record({ kind: 'invitation', id: invitation.id }, originationBy(caller));
    const target = { kind: 'invitation', id: invitation.id } as const;
    const after = invitationFacts(invitation, now);
    await recordChange(audit, caller, { eventType: 'invitation.created', target, before: null, after }, now);
    return { invitation, token, mailToken };
  });
}

async function requireNoMember(members: MemberStore, workspaceId: string, email: string): Promise<void> {
  const person = await members.findPerson(workspaceId, email);
  if (person && (await members.find(workspaceId, person.id)))
    throw new AppError('CONFLICT', { message: `${email} is a member already` });
}

interface Draft extends Pick<Invitation, 'email' | 'message'> {
  readonly inviter: Member;
  readonly issuer: Issuer | null;
  readonly role: Role;
  readonly now: number;
}

function draft({ inviter, issuer, email, role, message, now }: Draft): Invitation {
  return {
    id: newId('inv'),
    workspaceId: inviter.workspaceId,
    inviter: { id: inviter.id, email: inviter.email, displayName: inviter.displayName },
    inviterKeyId: issuer?.keyId ?? null,
    inviterSecretDigest: issuer?.secretDigest ?? null,
    email,
    roleId: role.id,
    roleName: role.name,
    message,
    createdAt: now,
    updatedAt: now,
    expiresAt: now + INVITATION_KEPT_MS,
    acceptedAt: null,
    revokedAt: null,
  };
}
