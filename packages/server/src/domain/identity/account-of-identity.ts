import { makeAccount } from '../access/claim-member.ts';
import { membershipRequired } from './chosen-membership.ts';
import type { Identity, IdentityStores } from './identity.ts';

type AccountStores = Pick<IdentityStores, 'identities' | 'accounts' | 'members'>;

/**
 * The account of an identity: the one that it is linked to, also after its address changed; else the one that has proven its
 * verified address. Null if there is none. Throws MEMBERSHIP_REQUIRED if the account of the address has members and another
 * identity at the issuer: the issuer can give an address to another person, so an address never replaces an identity.
 */
export async function findAccount(stores: AccountStores, identity: Identity): Promise<string | null> {
  const { issuer, subject, email } = identity;
  const link = await stores.identities.find(issuer, subject);
  if (link) return link.accountId;
  const account = email === null ? null : await stores.accounts.findByAddress(email);
  if (!account) return null;
  if ((await stores.identities.listOf(issuer, account.id)).length === 0) return account.id;
  // The address of an account that has left every workspace goes to the next identity that has it.
  if ((await stores.members.listOf(account.id)).length === 0) return null;
  throw membershipRequired(
    `${email} is linked to another account at the provider: have its members removed first`,
  );
}

/** `findAccount`; a new account if there is none. The identity is linked to it. In the transaction of the stores. */
export async function accountOfIdentity(
  stores: AccountStores,
  identity: Identity,
  now: number,
): Promise<string> {
  const { issuer, subject, email } = identity;
  const { identities, accounts } = stores;
  const found = await findAccount(stores, identity);
  const accountId = found ?? (await makeAccount(accounts, now)).id;
  if (found === null && email !== null) await accounts.proveAddress(accountId, email, now);
  if (!(await identities.find(issuer, subject)))
    await identities.save({ issuer, subject, accountId, linkedAt: now });
  return accountId;
}

/** The addresses by which members are offered to the owner of the identity. */
export async function provenAddresses(
  { accounts }: Pick<AccountStores, 'accounts'>,
  accountId: string | null,
  identity: Pick<Identity, 'email'> | null,
): Promise<readonly string[]> {
  if (accountId !== null) return accounts.addressesOf(accountId);
  return identity?.email == null ? [] : [identity.email];
}
