import { keepManagingKey, type ManagingKeyNeeds } from '../access/managing-keys.ts';
import { endMembership, type RemovedMember } from '../members/remove-member.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import { callerOfMember } from '../tenancy/member.ts';
import type { WorkspaceStores } from '../tenancy/stores.ts';
import { type AccountHolder, accountOf, type HolderStores, membershipIn } from './account-holder.ts';
import type { AccountNeeds } from './settle-offer.ts';

export interface LeavingNeeds extends AccountNeeds, ManagingKeyNeeds {
  readonly unitOfWork: UnitOfWork<HolderStores & WorkspaceStores>;
}

/**
 * Ends the membership of the holder's account in a workspace, also while it is suspended there. Keys and sessions of the
 * member end with it. LAST_OWNER; LAST_MANAGING_KEY; NOT_FOUND if the account has no member there.
 */
export async function leaveWorkspace(
  needs: LeavingNeeds,
  holder: AccountHolder,
  workspaceId: string,
  { force }: { readonly force?: boolean | undefined } = {},
): Promise<RemovedMember> {
  return needs.unitOfWork.transact(async (stores) => {
    const now = needs.clock.now();
    const accountId = await accountOf(stores, holder, now);
    const member = await membershipIn(stores, accountId, workspaceId);
    const caller = callerOfMember(member, holder.client, accountId);
    const change = { ...needs, workspaceId, now, force };
    return keepManagingKey(stores, change, () => endMembership(stores, caller, member, false, now));
  });
}
