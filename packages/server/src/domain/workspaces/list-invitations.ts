import { type Caller, requirePermission } from '../shared/caller.ts';
import type { Invitation } from './invitation.ts';
import type { InvitationStore } from './invitation-store.ts';

export async function listInvitations(
  { invitations }: { readonly invitations: InvitationStore },
  caller: Caller,
): Promise<Invitation[]> {
  requirePermission(caller, 'members:read');
  return invitations.list(caller.workspaceId);
}
