import { AppError } from '../shared/app-error.ts';
import type { Caller } from '../shared/caller.ts';
import type { Member } from './member.ts';
import type { MemberStore } from './member-store.ts';

/** The member of the caller's workspace, else NOT_FOUND: alike for an unknown user and one of another workspace. */
export async function visibleMember(
  members: MemberStore,
  caller: Pick<Caller, 'workspaceId'>,
  userId: string,
): Promise<Member> {
  const member = await members.find(caller.workspaceId, userId);
  if (!member) throw new AppError('NOT_FOUND', { message: `No member ${userId}` });
  return member;
}

/** A member only while they are active: of a suspended one nothing new can be made. Null on a miss. */
export async function activeMember(
  members: MemberStore,
  workspaceId: string,
  userId: string,
): Promise<Member | null> {
  const member = await members.find(workspaceId, userId);
  return member?.status === 'active' ? member : null;
}
