import { type ClaimRecord, claimMember } from '../access/claim-member.ts';
import { recordChange } from '../audit/record-change.ts';
import { type OpenedSession, openSession } from '../sessions/open-session.ts';
import type { SessionNeeds } from '../sessions/stores.ts';
import { AppError } from '../shared/app-error.ts';
import type { ClientInfo } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import { callerOfToken, type Member } from '../tenancy/member.ts';
import { workspaceStatus } from '../tenancy/workspace.ts';
import { accountOfIdentity, findAccount, provenAddresses } from './account-of-identity.ts';
import { chosenMembership, membershipRequired } from './chosen-membership.ts';
import type { Identity, IdentityStores } from './identity.ts';
import { isStranger, type Provisioning, provisionMember } from './provision-member.ts';

type ReadingStores = Pick<IdentityStores, 'identities' | 'workspaces' | 'members' | 'accounts'>;

/** The stores other than the unit of work are for reads outside of a transaction. */
export interface MemberOfIdentityNeeds extends ReadingStores {
  readonly unitOfWork: UnitOfWork<IdentityStores>;
  readonly clock: Clock;
  /** Null: new identities do not become members. */
  readonly provisioning: Provisioning | null;
}

/**
 * The active member as whom an identity acts. If its account has claimed members, `chosenMembership` chooses one of them.
 * Otherwise the account claims the member of the operator's own workspace who has its verified address and no account, or
 * becomes a new member there if provisioning is on. In other workspaces members are only offered to the account, and never
 * claimed by signing in. Throws MEMBERSHIP_REQUIRED, with the reason; WORKSPACE_SUSPENDED. Writes only when it sees an
 * identity for the first time.
 */
export async function memberOfIdentity(
  needs: MemberOfIdentityNeeds,
  identity: Identity,
  client: ClientInfo,
): Promise<Member> {
  const member = await claimedMember(needs, identity);
  return member ?? needs.unitOfWork.transact((stores) => linkIdentity(stores, needs, identity, client));
}

/** Null if the identity is not linked, or its account has no members. */
async function claimedMember(stores: ReadingStores, identity: Identity): Promise<Member | null> {
  const { issuer, subject } = identity;
  const link = await stores.identities.find(issuer, subject);
  const memberships = link ? await stores.members.listOf(link.accountId) : [];
  if (!link || memberships.length === 0) return null;
  return actingMember(stores, identity, link.accountId, memberships);
}

async function actingMember(
  stores: ReadingStores,
  { workspaceId: named }: Identity,
  accountId: string,
  memberships: readonly Member[],
): Promise<Member> {
  const account = memberships.length > 1 ? await stores.accounts.find(accountId) : null;
  const byDefault = account?.defaultWorkspaceId ?? null;
  return inActiveWorkspace(stores, chosenMembership(memberships, { named, byDefault }));
}

/** Links a new identity. Checks again in the transaction: a concurrent first call may have linked it already. */
async function linkIdentity(
  stores: IdentityStores,
  { clock, provisioning }: MemberOfIdentityNeeds,
  identity: Identity,
  client: ClientInfo,
): Promise<Member> {
  const linked = await claimedMember(stores, identity);
  if (linked) return linked;
  const now = clock.now();
  const accountId = await findAccount(stores, identity);
  const memberships = accountId === null ? [] : await stores.members.listOf(accountId);
  if (accountId !== null && memberships.length > 0) {
    const member = await actingMember(stores, identity, accountId, memberships);
    await accountOfIdentity(stores, identity, now);
    const target = { kind: 'member', id: member.id } as const;
    const { eventType, after } = linkedTo(identity);
    await recordChange(
      stores.audit,
      callerOfToken(member, client),
      { eventType, target, before: null, after },
      now,
    );
    return member;
  }
  return inActiveWorkspace(stores, await claimAtHome(stores, provisioning, accountId, identity, client, now));
}

/** Claims or provisions a member of the operator's own workspace, whose administrators act for the operator. */
async function claimAtHome(
  stores: IdentityStores,
  provisioning: Provisioning | null,
  accountId: string | null,
  identity: Identity,
  client: ClientInfo,
  now: number,
): Promise<Member> {
  const home = provisioning?.workspaceId ?? (await stores.workspaces.first())?.id ?? null;
  const addresses = await provenAddresses(stores, accountId, identity);
  const members = await stores.members.listByAddress(addresses);
  const local = members.find((member) => member.workspaceId === home && member.accountId === null);
  const place = { named: identity.workspaceId, byDefault: null };
  if (local) {
    const member = chosenMembership([local], place);
    const owner = await accountOfIdentity(stores, identity, now);
    return claimMember(stores, member, owner, client, now, linkedTo(identity));
  }
  const { email } = identity;
  if (provisioning && email !== null && (await isStranger(stores, provisioning, accountId, email)))
    return provisionMember(stores, provisioning, { ...identity, email }, client, now);
  if (accountId === null && email === null)
    throw membershipRequired('No member belongs to your account, and it has no verified e-mail address');
  return chosenMembership([], place);
}

function linkedTo({ issuer, subject }: Identity): ClaimRecord {
  return { eventType: 'member.identity-linked', after: { issuer, subject } };
}

/** The member. Throws WORKSPACE_SUSPENDED unless their workspace is active. */
async function inActiveWorkspace(
  { workspaces }: Pick<ReadingStores, 'workspaces'>,
  member: Member,
): Promise<Member> {
  const workspace = await workspaces.find(member.workspaceId);
  if (!workspace || workspaceStatus(workspace) !== 'active') throw new AppError('WORKSPACE_SUSPENDED');
  return member;
}

export type SignInNeeds = MemberOfIdentityNeeds & SessionNeeds;

/** Opens a session for the member of the identity. Throws the errors of `memberOfIdentity` and `openSession`. */
export async function signIn(
  needs: SignInNeeds,
  identity: Identity,
  client: ClientInfo,
): Promise<OpenedSession> {
  const { workspaceId, id: userId, accountId } = await memberOfIdentity(needs, identity, client);
  return openSession(needs, { workspaceId, userId, accountId }, client);
}
