import type { SystemRoleName } from '@latchkey/contract';
import { recordChange } from '../audit/record-change.ts';
import type { ClientInfo } from '../shared/caller.ts';
import { newId } from '../shared/id.ts';
import { callerOfToken, type Member, memberFacts, visibleMember } from '../tenancy/member.ts';
import { accountOfIdentity } from './account-of-identity.ts';
import { chosenMembership, membershipRequired } from './chosen-membership.ts';
import type { Identity, IdentityStores } from './identity.ts';

/** The workspace and the role of new members. A system role, because no member can rename or change it. */
export interface Provisioning {
  readonly workspaceId: string;
  readonly roleName: Exclude<SystemRoleName, 'Owner' | 'Admin'>;
}

/** True when neither the account nor the address was ever a member of the workspace. False for a removed member. */
export async function isStranger(
  { members }: Pick<IdentityStores, 'members'>,
  { workspaceId }: Provisioning,
  accountId: string | null,
  email: string,
): Promise<boolean> {
  if (await members.findPerson(workspaceId, email)) return false;
  return accountId === null || !(await members.hasKnown(workspaceId, accountId));
}

/**
 * Adds a new member and claims it for the account of the identity, in the transaction of the stores. Throws
 * MEMBERSHIP_REQUIRED if the token names another workspace than the one of the provisioning.
 */
export async function provisionMember(
  stores: IdentityStores,
  provisioning: Provisioning,
  identity: Identity & { readonly email: string },
  client: ClientInfo,
  now: number,
): Promise<Member> {
  const { issuer, subject, email } = identity;
  const displayName = identity.displayName ?? email.replace(/@.*$/, '');
  const accountId = await accountOfIdentity(stores, identity, now);
  const joined = await join(stores, provisioning, { email, displayName, accountId }, now);
  const member = chosenMembership([joined], { named: identity.workspaceId, byDefault: null });
  const target = { kind: 'member', id: member.id } as const;
  const after = { ...memberFacts(member), email, displayName, issuer, subject };
  const change = { eventType: 'member.added', target, before: null, after } as const;
  await recordChange(stores.audit, callerOfToken(member, client), change, now);
  return member;
}

async function join(
  { roles, members }: IdentityStores,
  { workspaceId, roleName }: Provisioning,
  { email, displayName, accountId }: { email: string; displayName: string; accountId: string },
  now: number,
): Promise<Member> {
  const role = await roles.findByName(workspaceId, roleName);
  if (role?.systemName !== roleName)
    throw membershipRequired('The workspace or role for new members does not exist: tell the operator');
  const userId = newId('usr');
  await members.insertPerson(workspaceId, { id: userId, email, displayName }, now);
  await members.claim(workspaceId, userId, accountId, now);
  const membership = { workspaceId, userId, roleId: role.id, status: 'active' } as const;
  await members.insert({ ...membership, createdAt: now, updatedAt: now });
  return visibleMember(members, { workspaceId }, userId);
}
