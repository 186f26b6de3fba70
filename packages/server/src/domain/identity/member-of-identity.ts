import { AppError } from '../shared/app-error.ts';
import type { Origin } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import type { Member } from '../workspaces/member.ts';
import { workspaceStatus } from '../workspaces/workspace.ts';
import { chosenMembership } from './chosen-membership.ts';
import { type Identity, isInForce } from './identity.ts';
import type { IdentityStores } from './identity-stores.ts';
import { linkByEmail } from './link-by-email.ts';
import { isStranger, type Provisioning, provisionMember } from './provision-member.ts';

type ReadingStores = Pick<IdentityStores, 'identities' | 'workspaces' | 'members'>;

/** The stores beside the unit of work are for reading outside a transaction. */
export interface MemberOfIdentityNeeds extends ReadingStores {
  readonly unitOfWork: UnitOfWork<IdentityStores>;
  readonly clock: Clock;
  /** Null: nobody becomes a member by having a token. */
  readonly provisioning: Provisioning | null;
}

/**
 * The active member whom an identity means. An account that is linked to a person is that person, whatever its address
 * has become. Any other is linked to the person with its verified address now, who must not have another account at the
 * provider; of somebody who was never known here a member is made, where that is switched on. MEMBERSHIP_REQUIRED, with
 * the reason; WORKSPACE_SUSPENDED. Writes only where an account is met for the first time.
 */
export async function memberOfIdentity(
  needs: MemberOfIdentityNeeds,
  identity: Identity,
  origin: Origin,
): Promise<Member> {
  const member = await linkedMember(needs, identity);
  return member ?? needs.unitOfWork.transact((stores) => meet(stores, needs, identity, origin));
}

/** Null where the account is not linked, or not any more. */
async function linkedMember(stores: ReadingStores, identity: Identity): Promise<Member | null> {
  const { issuer, subject, workspaceId } = identity;
  const link = await stores.identities.find(issuer, subject);
  const memberships = link ? await stores.members.listOf(link.userId) : [];
  if (!link || !isInForce(link, memberships)) return null;
  return working(stores, chosenMembership(memberships, workspaceId));
}

/** Of several first calls at once one links the account, and the others find it linked: so it looks again first. */
async function meet(
  stores: IdentityStores,
  { clock, provisioning }: MemberOfIdentityNeeds,
  identity: Identity,
  origin: Origin,
): Promise<Member> {
  const met = await linkedMember(stores, identity);
  if (met) return met;
  const now = clock.now();
  const { email } = identity;
  if (provisioning && email !== null && (await isStranger(stores, identity, email)))
    return working(stores, await provisionMember(stores, provisioning, { ...identity, email }, origin, now));
  return working(stores, await linkByEmail(stores, identity, origin, now));
}

/** The member, while their workspace works. */
async function working({ workspaces }: ReadingStores, member: Member): Promise<Member> {
  const workspace = await workspaces.find(member.workspaceId);
  if (!workspace || workspaceStatus(workspace) !== 'active') throw new AppError('WORKSPACE_SUSPENDED');
  return member;
}
