import { INVITATION_MESSAGE_MAX } from '@latchkey/contract';
import { changeAuthorized } from '../access/authorized-change.ts';
import { withdrawInvitation } from '../access/revocations.ts';
import { grantorOf, requireRoleGrant } from '../access/role-grant.ts';
import { recordChange } from '../audit/record-change.ts';
import { AppError } from '../shared/app-error.ts';
import { type Caller, type Issuer, issuerOf } from '../shared/caller.ts';
import { newId } from '../shared/id.ts';
import { type EarlierCall, type Idempotency, type Idempotent, idempotent } from '../shared/idempotent.ts';
import type { Keyring } from '../shared/keyring.ts';
import { parsePlainText, requireNoSecret } from '../shared/text/plain-text.ts';
import { generateInvitationToken } from '../shared/tokens.ts';
import { originationBy } from '../tenancy/descent.ts';
import {
  INVITATION_KEPT_MS,
  type Invitation,
  invitationFacts,
  invitationStatus,
} from '../tenancy/invitation.ts';
import { type Member, type MemberStore, visibleMember } from '../tenancy/member.ts';
import { type Role, visibleRole } from '../tenancy/role.ts';
import type { WorkspaceNeeds, WorkspaceStores } from '../tenancy/stores.ts';
import { type InvitationCapNeeds, requireRoomForInvitation } from './invitation-caps.ts';

export interface InvitationNeeds extends WorkspaceNeeds {
  readonly keyring: Keyring;
}

export interface NewInvitation {
  readonly email: string;
  readonly roleId: string;
  readonly message?: string | undefined;
  /** Send a mail, which has its own token. */
  readonly isMailed: boolean;
}

/** An invitation with the token for the inviter. */
interface ShownInvitation {
  readonly invitation: Invitation;
  /**
   * The full token, which is shown only once. The inviter may pass it on: it makes a member of this workspace, and does not
   * prove who accepts. Null if the answer repeats an earlier one whose token can no longer be shown.
   */
  readonly token: string | null;
}

export interface CreatedInvitation extends Idempotent<ShownInvitation> {
  /** Only for the mail, since it proves the address. Null if no mail is to be sent, or an earlier call sent it. */
  readonly mailToken: string | null;
}

/**
 * Invites an address into a role. PERMISSION_ESCALATION if the caller may not give it. Withdraws any open invitation to the
 * same address, so that at most one is open. NOT_FOUND for the role; CONFLICT if a member has the address; LIMIT_REACHED;
 * VALIDATION_FAILED.
 */
export async function createInvitation(
  needs: InvitationNeeds & InvitationCapNeeds,
  caller: Caller,
  input: NewInvitation,
  idempotency?: Idempotency,
): Promise<CreatedInvitation> {
  return changeAuthorized(needs, caller, ['members:invite'], async (stores, caller, now) => {
    const { email, roleId, isMailed } = input;
    requireNoSecret(email, 'email');
    const message =
      input.message === undefined ? null : parsePlainText(input.message, 'message', INVITATION_MESSAGE_MAX);
    return invite(needs, stores, caller, { email, roleId, message, isMailed, now }, idempotency);
  });
}

/**
 * Sends an invitation again: replaces it by a new one from the caller, as `createInvitation` does. NOT_FOUND; CONFLICT if it
 * was accepted, revoked or replaced; all errors of `createInvitation`.
 */
export async function resendInvitation(
  needs: InvitationNeeds & InvitationCapNeeds,
  caller: Caller,
  invitationId: string,
  { isMailed }: Pick<NewInvitation, 'isMailed'>,
  idempotency?: Idempotency,
): Promise<CreatedInvitation> {
  return changeAuthorized(needs, caller, ['members:invite'], async (stores, caller, now) => {
    const before = await stores.invitations.find(caller.workspaceId, invitationId);
    if (!before) throw new AppError('NOT_FOUND', { message: `No invitation ${invitationId}` });
    const { email, roleId, message } = before;
    const again = { email, roleId, message, isMailed, now, replaces: before };
    return invite(needs, stores, caller, again, idempotency);
  });
}

interface Inviting extends Pick<Invitation, 'email' | 'roleId' | 'message'> {
  readonly isMailed: boolean;
  readonly now: number;
  /** Must be open or expired, unless the call repeats an earlier one. */
  readonly replaces?: Invitation;
}

async function invite(
  needs: InvitationNeeds & InvitationCapNeeds,
  stores: WorkspaceStores,
  caller: Caller,
  { email, roleId, message, isMailed, now, replaces }: Inviting,
  idempotency: Idempotency | undefined,
): Promise<CreatedInvitation> {
  const role = await visibleRole(stores.roles, caller, roleId);
  requireRoleGrant(await grantorOf(stores.members, caller), role);
  const inviter = await visibleMember(stores.members, caller, caller.userId);
  const mailToken = isMailed ? generateInvitationToken() : null;
  const kept = { idempotency: stores.idempotency, keyring: needs.keyring, now };
  const created = await idempotent<ShownInvitation>(kept, caller, idempotency, {
    async make() {
      if (replaces) requireResendable(replaces);
      const invitation = draft({ inviter, issuer: issuerOf(caller), email, role, message, now });
      return { invitation, token: await open(needs, stores, caller, invitation, mailToken) };
    },
    idOf: ({ invitation }) => invitation.id,
    repeat: (earlier) => repeat(stores, caller, earlier, now),
  });
  return { ...created, mailToken: created.isReplay ? null : mailToken };
}

function requireResendable({ acceptedAt, revokedAt }: Invitation): void {
  if (acceptedAt !== null)
    throw new AppError('CONFLICT', { message: 'The invitation has been accepted already' });
  if (revokedAt !== null)
    throw new AppError('CONFLICT', {
      message: 'The invitation was revoked or replaced by a later one; create a new one',
    });
}

/** Stores the invitation and returns the token for the inviter. */
async function open(
  needs: InvitationNeeds & InvitationCapNeeds,
  stores: WorkspaceStores,
  caller: Caller,
  invitation: Invitation,
  mailToken: string | null,
): Promise<string> {
  const { workspaceId, email, createdAt: now } = invitation;
  await requireNoMember(stores.members, workspaceId, email);
  const token = generateInvitationToken();
  const digests = {
    shown: needs.keyring.digest(token),
    mailed: mailToken && needs.keyring.digest(mailToken),
  };
  for (const other of await stores.invitations.listOpen(workspaceId, email))
    await withdrawInvitation(stores, caller, other, now);
  await requireRoomForInvitation(needs, stores, invitation, mailToken === null);
  await stores.invitations.insert(invitation, digests);
  await stores.descent.record({ kind: 'invitation', id: invitation.id }, originationBy(caller));
  const target = { kind: 'invitation', id: invitation.id } as const;
  const after = invitationFacts(invitation, now);
  await recordChange(
    stores.audit,
    caller,
    { eventType: 'invitation.created', target, before: null, after },
    now,
  );
  return token;
}

/** The invitation as it is now, with its token if that can still be used. */
async function repeat(
  { invitations }: WorkspaceStores,
  { workspaceId }: Caller,
  earlier: EarlierCall<ShownInvitation>,
  now: number,
): Promise<ShownInvitation> {
  const invitation = await invitations.find(workspaceId, earlier.subjectId);
  if (!invitation) throw new AppError('NOT_FOUND', { message: 'No such invitation' });
  const isOpen = invitationStatus(invitation, now) === 'pending';
  return { invitation, token: isOpen && earlier.isSecretKept ? earlier.outcome().token : null };
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
