import { claimMember } from '../access/claim-member.ts';
import { AppError } from '../shared/app-error.ts';
import type { Clock } from '../shared/clock.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import type { Member } from '../tenancy/member.ts';
import { type AccountHolder, accountOf, type HolderStores } from './account-holder.ts';
import { offeredMembers, type PlacedMember, placed } from './account-overview.ts';

export interface AccountNeeds {
  readonly unitOfWork: UnitOfWork<HolderStores>;
  readonly clock: Clock;
}

/**
 * Claims a member that is offered to the holder's account. The member keeps id and role. Throws NOT_FOUND for a member that
 * is not offered; CONFLICT if the account already has a member in the workspace.
 */
export async function joinOffer(needs: AccountNeeds, holder: AccountHolder, userId: string): Promise<Member> {
  return needs.unitOfWork.transact(async (stores) => {
    const now = needs.clock.now();
    const { accountId, member } = await offered(stores, holder, userId, now);
    return claimMember(stores, member, accountId, holder.client, now);
  });
}

/**
 * Declines an offered member, who is not offered to the account again. The workspace is not notified. Throws NOT_FOUND for
 * a member that is not offered.
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
