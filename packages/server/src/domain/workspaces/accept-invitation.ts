import { recordChange } from '../audit/record-change.ts';
import { AppError } from '../shared/app-error.ts';
import type { Origin } from '../shared/caller.ts';
import { newId } from '../shared/id.ts';
import type { Keyring } from '../shared/keyring.ts';
import { parsePlainText } from '../shared/plain-text.ts';
import { requireAssignable } from './assignable.ts';
import type { InvitationNeeds } from './create-invitation.ts';
import { inPerson } from './in-person.ts';
import { type Invitation, invitationFacts, invitationStatus } from './invitation.ts';
import { isInvitationToken } from './invitation-token.ts';
import { issuerNow } from './issuer-now.ts';
import type { Member, Person } from './member.ts';
import type { MemberStore } from './member-store.ts';
import type { Role } from './role.ts';
import { workspaceStatus } from './workspace.ts';
import type { WorkspaceStores } from './workspace-stores.ts';

const DISPLAY_NAME_MAX = 100;

export interface Acceptance {
  readonly token: string;
  /** For a person who is new to the service; by default the part of the address before the @. */
  readonly displayName?: string | undefined;
}

/**
 * Makes whoever holds the token a member, once. A person who has the address joins as who they are; else one is made.
 * The inviter must still be able to give the role, PERMISSION_ESCALATION: a leaver's or a revoked key's invitations are
 * worth nothing. NOT_FOUND for a token that was never given out, CONFLICT for one that was used, revoked or has expired,
 * and where role or workspace are gone; WORKSPACE_SUSPENDED; VALIDATION_FAILED.
 */
export async function acceptInvitation(
  { unitOfWork, clock, keyring }: InvitationNeeds,
  { token, displayName }: Acceptance,
  origin: Origin,
): Promise<Member> {
  const name =
    displayName === undefined ? null : parsePlainText(displayName, 'displayName', DISPLAY_NAME_MAX);
  return unitOfWork.transact(async (stores) => {
    const now = clock.now();
    const invitation = await pendingInvitation(stores, keyring, token, now);
    const role = await requireStillGranted(stores, invitation, now);
    const person = await findOrMakePerson(stores.members, invitation.email, name, now);
    const member = await join(stores.members, person, role, now);
    const origination = { workspaceId: member.workspaceId, parentId: invitation.id, memberId: null };
    await stores.descent.record({ kind: 'member', id: member.id }, origination);
    const accepted = { ...invitation, acceptedAt: now, updatedAt: now };
    await stores.invitations.update(accepted);
    const facts = {
      before: invitationFacts(invitation, now),
      after: { ...invitationFacts(accepted, now), userId: member.id },
    };
    const target = { kind: 'invitation', id: invitation.id } as const;
    const change = { eventType: 'invitation.accepted', target, ...facts } as const;
    await recordChange(stores.audit, inPerson(member, origin), change, now);
    return member;
  });
}

async function pendingInvitation(
  { invitations, workspaces }: WorkspaceStores,
  keyring: Keyring,
  token: string,
  now: number,
): Promise<Invitation> {
  const invitation = isInvitationToken(token) ? await invitations.findByDigest(keyring.digest(token)) : null;
  if (!invitation) throw new AppError('NOT_FOUND', { message: 'No such invitation' });
  const status = invitationStatus(invitation, now);
  if (status !== 'pending') throw over(status);
  const workspace = await workspaces.find(invitation.workspaceId);
  if (!workspace || workspaceStatus(workspace) === 'deleted') throw over('deleted with its workspace');
  if (workspaceStatus(workspace) === 'suspended') throw new AppError('WORKSPACE_SUSPENDED');
  return invitation;
}

function over(what: string): AppError {
  return new AppError('CONFLICT', { message: `The invitation is ${what}; ask for a new one` });
}

/** The role, as long as whoever invited could give it to somebody now. */
async function requireStillGranted(
  stores: WorkspaceStores,
  invitation: Invitation,
  now: number,
): Promise<Role> {
  const role = await stores.roles.find(invitation.workspaceId, invitation.roleId);
  if (!role) throw over('for a role that no longer exists');
  const { workspaceId, inviter, inviterKeyId: keyId, inviterSecretDigest: secretDigest } = invitation;
  const issuer = await issuerNow(stores, workspaceId, { userId: inviter.id, keyId, secretDigest }, now);
  if (!issuer?.permissions.has('members:invite'))
    throw new AppError('PERMISSION_ESCALATION', { message: 'Who invited you may not invite any more' });
  requireAssignable({ permissions: issuer.permissions, isOwner: issuer.member.isOwner }, role);
  return role;
}

async function findOrMakePerson(
  members: MemberStore,
  email: string,
  name: string | null,
  now: number,
): Promise<Person> {
  const known = await members.findPerson(email);
  if (known) return known;
  const person = { id: newId('usr'), email, displayName: name ?? email.replace(/@.*$/, '') };
  await members.insertPerson(person, now);
  return person;
}

async function join(members: MemberStore, person: Person, role: Role, now: number): Promise<Member> {
  const { workspaceId } = role;
  if (await members.find(workspaceId, person.id)) throw over('for somebody who is a member already');
  const membership = { workspaceId, userId: person.id, roleId: role.id, status: 'active' } as const;
  await members.insert({ ...membership, createdAt: now, updatedAt: now });
  const member = await members.find(workspaceId, person.id);
  if (!member) throw new Error(`The member ${person.id} was written and is not there`);
  return member;
}
