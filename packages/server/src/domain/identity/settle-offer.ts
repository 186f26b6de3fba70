import { AppError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import { claimMember } from '../workspaces/claim-member.ts';
import type { Member } from '../workspaces/member.ts';
import { type AccountHolder, accountOf, type HolderStores } from './account-holder.ts';
import { offeredMembers, type PlacedMember, placed } from './account-overview.ts';

export interface AccountNeeds {
  readonly unitOfWork: UnitOfWork<HolderStores>;
  readonly clock: Clock;
}

/**
 * Claims a member that the holder's account is offered. The member keeps id and role. NOT_FOUND for every member that is
 * not offered; CONFLICT if the account has a member in the workspace already.
 */
export async function joinOffer(needs: AccountNeeds, holder: AccountHolder, userId: string): Promise<Member> {
  return needs.unitOfWork.transact(async (stores) => {
    const now = needs.clock.now();
    const { accountId, member } = await offered(stores, holder, userId, now);
    return claimMember(stores, member, accountId, holder.origin, now);
  });
}

/**
 * Notes that the account does not want to be this member: it is not offered again. The workspace does not learn of it.
 * NOT_FOUND for every member that is not offered.
 */
export async function declineOffer(
  needs: AccountNeeds,
  holder: AccountHolder,
  userId: string,
): Promise<PlacedMember> {
  return needs.unitOfWork.transact(async (stores) => {
    const now = needs.clock.now();
    const { accountId, member } = await offered(stores, holder, userId, now);
    await stores.accounts.decline(accountId, userId, now);
    return placed(stores, member);
  });
}

async function offered(
  stores: HolderStores,
  { identity, ...holder }: AccountHolder,
  userId: string,
  now: number,
): Promise<{ accountId: string; member: Member }> {
  const accountId = await accountOf(stores, { ...holder, identity }, now);
  const member = (await offeredMembers(stores, { accountId, identity })).find(({ id }) => id === userId);
  if (!member) throw new AppError('NOT_FOUND', { message: `No offer ${userId}` });
  return { accountId, member };
}
