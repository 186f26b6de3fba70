import { AppError } from '../shared/app-error.ts';
import type { Caller } from '../shared/caller.ts';
import type { Member } from '../tenancy/member.ts';
import type { MemberStore } from './member-store.ts';

/** The member of the caller's workspace. NOT_FOUND for an unknown user and for one of another workspace. */
export async function visibleMember(
  members: MemberStore,
  caller: Pick<Caller, 'workspaceId'>,
  userId: string,
): Promise<Member> {
  const member = await members.find(caller.workspaceId, userId);
  if (!member) throw new AppError('NOT_FOUND', { message: `No member ${userId}` });
  return member;
}

/** The member if they are active, for verbs that make credentials for them. Null on a miss. */
export async function activeMember(
  members: MemberStore,
  workspaceId: string,
  userId: string,
): Promise<Member | null> {
  const member = await members.find(workspaceId, userId);
  return member?.status === 'active' ? member : null;
}
