import { recordChange } from '../audit/record-change.ts';
import type { Origin } from '../shared/caller.ts';
import type { Member } from '../workspaces/member.ts';
import { asCaller } from './as-caller.ts';
import { chosenMembership, membershipRequired } from './chosen-membership.ts';
import { type Identity, isInForce } from './identity.ts';
import type { IdentityStores } from './identity-stores.ts';

/**
 * Links an account to the person who has its verified address, as one of the changes of a transaction. From then on the
 * account is that person. MEMBERSHIP_REQUIRED where there is no such person, or no doubt-free one: an address can come to
 * somebody else at the provider, and so never takes the place of an account that is linked.
 */
export async function linkByEmail(
  stores: IdentityStores,
  identity: Identity,
  origin: Origin,
  now: number,
): Promise<Member> {
  const { issuer, subject, workspaceId } = identity;
  const member = chosenMembership(await membershipsByEmail(stores, identity), workspaceId);
  // Where the clock was set back since they joined, the link is no older than what it is about.
  const linkedAt = Math.max(now, member.createdAt);
  await stores.identities.save({ issuer, subject, userId: member.id, linkedAt });
  const target = { kind: 'member', id: member.id } as const;
  const facts = { before: null, after: { issuer, subject } };
  const change = { eventType: 'member.identity-linked', target, ...facts } as const;
  await recordChange(stores.audit, asCaller(member, origin), change, now);
  return member;
}

async function membershipsByEmail(
  { identities, members }: IdentityStores,
  { issuer, subject, email }: Identity,
): Promise<Member[]> {
  if (email === null)
    throw membershipRequired('No member is linked to your account, and it has no verified e-mail address');
  const person = await members.findPerson(email);
  if (!person) throw membershipRequired(`No member has the address ${email}: ask for an invitation`);
  const former = await identities.find(issuer, subject);
  if (former && former.userId !== person.id)
    throw membershipRequired('Your account was linked to somebody else, who has left');
  const memberships = await members.listOf(person.id);
  const links = await identities.listOf(issuer, person.id);
  if (links.some((link) => isInForce(link, memberships)))
    throw membershipRequired(`${email} is linked to another account: have it removed and invited anew`);
  return memberships;
}
