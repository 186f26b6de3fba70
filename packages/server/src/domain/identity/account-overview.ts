import type { Member } from '../tenancy/member.ts';
import type { WorkspaceStores } from '../tenancy/stores.ts';
import type { Workspace } from '../tenancy/workspace.ts';
import type { AccountHolder } from './account-holder.ts';
import { provenAddresses } from './account-of-identity.ts';

/** A member and their workspace. */
export interface PlacedMember {
  readonly member: Member;
  readonly workspace: Workspace;
}

export interface AccountOverview {
  /** The workspace for tokens that do not name one; null: the account has no members. */
  readonly defaultWorkspaceId: string | null;
  readonly members: readonly PlacedMember[];
  /** Members without an account whose address the account has proven, and whom it has not declined. */
  readonly offers: readonly PlacedMember[];
}

export type OverviewStores = Pick<WorkspaceStores, 'workspaces' | 'members' | 'accounts'>;

/** The members of the holder's account, the oldest first, and the members that are offered to it. */
export async function accountOverview(
  stores: OverviewStores,
  holder: AccountHolder,
): Promise<AccountOverview> {
  const { accountId } = holder;
  const account = accountId === null ? null : await stores.accounts.find(accountId);
  const members = accountId === null ? [] : await stores.members.listOf(accountId);
  const offers = await offeredMembers(stores, holder);
  const chosen = members.find(({ workspaceId }) => workspaceId === account?.defaultWorkspaceId);
  return {
    defaultWorkspaceId: (chosen ?? members[0])?.workspaceId ?? null,
    members: await Promise.all(members.map((member) => placed(stores, member))),
    offers: await Promise.all(offers.map((member) => placed(stores, member))),
  };
}

/** The active members without an account that the holder may claim. */
export async function offeredMembers(
  { members, accounts }: OverviewStores,
  { accountId, identity }: Pick<AccountHolder, 'accountId' | 'identity'>,
): Promise<Member[]> {
  const addresses = await provenAddresses({ accounts }, accountId, identity);
  const declined = accountId === null ? new Set() : await accounts.declinedBy(accountId);
  const local = await members.listByAddress(addresses);
  return local.filter(
    ({ id, accountId: owner, status }) => owner === null && status === 'active' && !declined.has(id),
  );
}

/** The member with its workspace. */
export async function placed(
  { workspaces }: Pick<OverviewStores, 'workspaces'>,
  member: Member,
): Promise<PlacedMember> {
  const workspace = await workspaces.find(member.workspaceId);
  if (!workspace) throw new Error(`The workspace ${member.workspaceId} of a member was not found`);
  return { member, workspace };
}
