import { type Caller, requirePermission } from '../shared/caller.ts';
import { type ListedPage, type PageInput, readPage } from '../shared/page.ts';
import type { Member, MemberStore } from '../tenancy/member.ts';

export async function listMembers(
  { members }: { readonly members: MemberStore },
  caller: Caller,
  input: PageInput,
): Promise<ListedPage<Member>> {
  requirePermission(caller, 'members:read');
  const { workspaceId } = caller;
  const order = { list: { name: 'members', workspaceId }, sortedBy: 'number' } as const;
  return readPage(order, input, (page) => members.list(workspaceId, page));
}
