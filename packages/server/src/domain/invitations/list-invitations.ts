import { type Caller, requirePermission } from '../shared/caller.ts';
import { type ListedPage, type PageInput, readPage } from '../shared/page.ts';
import type { Invitation, InvitationStore } from '../tenancy/invitation.ts';

export async function listInvitations(
  { invitations }: { readonly invitations: InvitationStore },
  caller: Caller,
  input: PageInput,
): Promise<ListedPage<Invitation>> {
  requirePermission(caller, 'members:read');
  const { workspaceId } = caller;
  const order = { list: { name: 'invitations', workspaceId }, sortedBy: 'number' } as const;
  return readPage(order, input, (page) => invitations.list(workspaceId, page));
}
