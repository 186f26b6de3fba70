import type { SystemRoleName } from '@latchkey/contract';
import { recordChange } from '../audit/record-change.ts';
import type { Origin } from '../shared/caller.ts';
import { newId } from '../shared/id.ts';
import { type Member, memberFacts, type Person } from '../workspaces/member.ts';
import { asCaller } from './as-caller.ts';
import { chosenMembership, membershipRequired } from './chosen-membership.ts';
import type { Identity } from './identity.ts';
import type { IdentityStores } from './identity-stores.ts';

/** Where strangers become members, and as what. A system role, because nobody can rename or widen one. */
export interface Provisioning {
  readonly workspaceId: string;
  readonly roleName: Exclude<SystemRoleName, 'Owner' | 'Admin'>;
}

/** Somebody whom nobody here was ever known as: neither the account nor the address. Who was removed is no stranger. */
export async function isStranger(
  { identities, members }: IdentityStores,
  { issuer, subject }: Identity,
  email: string,
): Promise<boolean> {
  return (await identities.find(issuer, subject)) === null && (await members.findPerson(email)) === null;
}

/**
 * Makes a stranger a member and links their account, as one of the changes of a transaction. MEMBERSHIP_REQUIRED where
 * the token names another workspace than the one that takes strangers in.
 */
export async function provisionMember(
  stores: IdentityStores,
  { workspaceId, roleName }: Provisioning,
  identity: Identity & { readonly email: string },
  origin: Origin,
  now: number,
): Promise<Member> {
  const { issuer, subject, email } = identity;
  const person = { id: newId('usr'), email, displayName: identity.displayName ?? email.replace(/@.*$/, '') };
  const memberships = await join(stores, person, { workspaceId, roleName }, now);
  const member = chosenMembership(memberships, identity.workspaceId);
  await stores.identities.save({ issuer, subject, userId: person.id, linkedAt: now });
  const target = { kind: 'member', id: person.id } as const;
  const after = { ...memberFacts(member), email, displayName: person.displayName, issuer, subject };
  const change = { eventType: 'member.added', target, before: null, after } as const;
  await recordChange(stores.audit, asCaller(member, origin), change, now);
  return member;
}

async function join(
  { roles, members }: IdentityStores,
  person: Person,
  { workspaceId, roleName }: Provisioning,
  now: number,
): Promise<Member[]> {
  const role = await roles.findByName(workspaceId, roleName);
  if (role?.systemName !== roleName)
    throw membershipRequired('The workspace for new members is gone: tell the operator');
  await members.insertPerson(person, now);
  const membership = { workspaceId, userId: person.id, roleId: role.id, status: 'active' } as const;
  await members.insert({ ...membership, createdAt: now, updatedAt: now });
  return members.listOf(person.id);
}
