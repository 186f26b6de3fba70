import { type Caller, requirePermission } from '../shared/caller.ts';
import type { Member } from './member.ts';
import type { MemberStore } from './member-store.ts';

export async function listMembers(
  { members }: { readonly members: MemberStore },
  caller: Caller,
): Promise<Member[]> {
  requirePermission(caller, 'members:read');
  return members.list(caller.workspaceId);
}
