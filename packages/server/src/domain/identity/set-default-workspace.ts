import type { Member } from '../tenancy/member.ts';
import { type AccountHolder, accountOf, membershipIn } from './account-holder.ts';
import type { AccountNeeds } from './settle-offer.ts';

/** Sets the workspace for tokens that do not name one. Throws NOT_FOUND if the account has no member there. */
export async function setDefaultWorkspace(
  needs: AccountNeeds,
  holder: AccountHolder,
  workspaceId: string,
): Promise<Member> {
  return needs.unitOfWork.transact(async (stores) => {
    const accountId = await accountOf(stores, holder, needs.clock.now());
    const member = await membershipIn(stores, accountId, workspaceId);
    await stores.accounts.setDefault(accountId, workspaceId);
    return member;
  });
}
