import { claimByAddress, claimMember } from '../access/claim-member.ts';
import { issuerNow } from '../access/issuer-now.ts';
import { requireRoleGrant } from '../access/role-grant.ts';
import { recordChange } from '../audit/record-change.ts';
import { AppError } from '../shared/app-error.ts';
import type { ClientInfo } from '../shared/caller.ts';
import { newId } from '../shared/id.ts';
import type { Keyring } from '../shared/keyring.ts';
import { parsePlainText } from '../shared/text/plain-text.ts';
import { isInvitationToken } from '../shared/tokens.ts';
import {
  type FoundInvitation,
  type Invitation,
  invitationFacts,
  invitationStatus,
} from '../tenancy/invitation.ts';
import { callerOfMember, type Member, type MemberStore, type Person } from '../tenancy/member.ts';
import type { Role } from '../tenancy/role.ts';
import type { WorkspaceStores } from '../tenancy/stores.ts';
import { workspaceStatus } from '../tenancy/workspace.ts';
import type { InvitationNeeds } from './create-invitation.ts';

const DISPLAY_NAME_MAX = 100;

export interface Acceptance {
  readonly token: string;
  /** The name of a person who is new to the workspace; by default the part of the address before the @. */
  readonly displayName?: string | undefined;
}

/** Returns the id of the account that claims the new member: the one that the accepting person has proven. */
export type ClaimingAccount<Stores> = (stores: Stores) => Promise<string>;

/**
 * Makes the invited address a member of the workspace, once, in the transaction of the stores. If the person has proven who
 * they are, by the token that is only in the mail or by `claimingAccount`, the member is claimed for their account.
 * Otherwise nothing outside the workspace is read or changed.
 *
 * PERMISSION_ESCALATION if the inviter could not give the role now: a member who left or a revoked key cannot. NOT_FOUND for
 * an unknown token. CONFLICT for a token that was used, revoked or has expired, if role or workspace are deleted, and if the
 * account has a member in the workspace already. WORKSPACE_SUSPENDED; VALIDATION_FAILED.
 */
export async function acceptInvitationIn<Stores extends WorkspaceStores>(
  stores: Stores,
  { clock, keyring }: Pick<InvitationNeeds, 'clock' | 'keyring'>,
  { token, displayName }: Acceptance,
  claimingAccount: ClaimingAccount<Stores> | null,
  client: ClientInfo,
): Promise<Member> {
  const name =
    displayName === undefined ? null : parsePlainText(displayName, 'displayName', DISPLAY_NAME_MAX);
  const now = clock.now();
  const { invitation, isMailed } = await pendingInvitation(stores, keyring, token, now);
  const role = await requireStillGranted(stores, invitation, now);
  const person = await localPerson(stores.members, invitation, name, now);
  const local = await join(stores.members, person, role, now);
  const origination = { workspaceId: local.workspaceId, parentId: invitation.id, memberId: null };
  await stores.descent.record({ kind: 'member', id: local.id }, origination);
  const accepted = { ...invitation, acceptedAt: now, updatedAt: now };
  await stores.invitations.update(accepted);
  const facts = {
    before: invitationFacts(invitation, now),
    after: { ...invitationFacts(accepted, now), userId: local.id },
  };
  const target = { kind: 'invitation', id: invitation.id } as const;
  const change = { eventType: 'invitation.accepted', target, ...facts } as const;
  await recordChange(stores.audit, callerOfMember(local, client), change, now);
  if (claimingAccount) return claimMember(stores, local, await claimingAccount(stores), client, now);
  return isMailed ? claimByAddress(stores, local, client, now) : local;
}

async function pendingInvitation(
  { invitations, workspaces }: WorkspaceStores,
  keyring: Keyring,
  token: string,
  now: number,
): Promise<FoundInvitation> {
  const found = isInvitationToken(token)
    ? await keyring.firstFound(token, (digest) => invitations.findByDigest(digest))
    : null;
  if (!found) throw new AppError('NOT_FOUND', { message: 'No such invitation' });
  const { invitation } = found;
  const status = invitationStatus(invitation, now);
  if (status !== 'pending') throw notOpen(status);
  const workspace = await workspaces.find(invitation.workspaceId);
  if (!workspace || workspaceStatus(workspace) === 'deleted') throw notOpen('deleted with its workspace');
  if (workspaceStatus(workspace) === 'suspended') throw new AppError('WORKSPACE_SUSPENDED');
  return found;
}

function notOpen(what: string): AppError {
  return new AppError('CONFLICT', { message: `The invitation is ${what}; ask for a new one` });
}

/** The role of the invitation. PERMISSION_ESCALATION if the inviter could not give it to a member now. */
async function requireStillGranted(
  stores: WorkspaceStores,
  invitation: Invitation,
  now: number,
): Promise<Role> {
  const role = await stores.roles.find(invitation.workspaceId, invitation.roleId);
  if (!role) throw notOpen('for a role that no longer exists');
  const { workspaceId, inviter, inviterKeyId: keyId, inviterSecretDigest: secretDigest } = invitation;
  const issuer = await issuerNow(stores, workspaceId, { userId: inviter.id, keyId, secretDigest }, now);
  if (!issuer?.permissions.has('members:invite'))
    throw new AppError('PERMISSION_ESCALATION', {
      message: 'The inviter may no longer invite; ask another member for an invitation',
    });
  requireRoleGrant({ permissions: issuer.permissions, isOwner: issuer.member.isOwner }, role);
  return role;
}

/** The person with the invited address, released from their account; a new person if the workspace has none. */
async function localPerson(
  members: MemberStore,
  { workspaceId, email }: Invitation,
  name: string | null,
  now: number,
): Promise<Person> {
  const known = await members.findPerson(workspaceId, email);
  if (known) {
    if (await members.find(workspaceId, known.id)) throw notOpen('for a person who is a member already');
    await members.release(workspaceId, known.id);
    if (name !== null) await members.renamePerson(workspaceId, { id: known.id, displayName: name });
    return known;
  }
  const person = { id: newId('usr'), email, displayName: name ?? email.replace(/@.*$/, '') };
  await members.insertPerson(workspaceId, person, now);
  return person;
}

async function join(members: MemberStore, person: Person, role: Role, now: number): Promise<Member> {
  const { workspaceId } = role;
  const membership = { workspaceId, userId: person.id, roleId: role.id, status: 'active' } as const;
  await members.insert({ ...membership, createdAt: now, updatedAt: now });
  const member = await members.find(workspaceId, person.id);
  if (!member) throw new Error(`The member ${person.id} was written and is not found`);
  return member;
}
