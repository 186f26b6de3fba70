import { AppError } from '../shared/app-error.ts';
import type { Member } from '../tenancy/member.ts';
import type { MemberStore } from './member-store.ts';

/** Throws LAST_OWNER if the member is the only active owner. Must run in the transaction of the change. */
export async function requireOtherOwner(members: MemberStore, member: Member): Promise<void> {
  if (!member.isOwner || member.status !== 'active') return;
  if ((await members.countActiveOwners(member.workspaceId)) <= 1)
    throw new AppError('LAST_OWNER', {
      message: 'This is the last active owner; make another member an owner first',
    });
}
