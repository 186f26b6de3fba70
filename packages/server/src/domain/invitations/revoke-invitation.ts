import { changeAuthorized } from '../access/authorized-change.ts';
import { withdrawInvitation } from '../access/revocations.ts';
import { AppError } from '../shared/app-error.ts';
import type { Caller } from '../shared/caller.ts';
import type { Invitation } from '../tenancy/invitation.ts';
import type { WorkspaceNeeds } from '../tenancy/stores.ts';

/** Ends an invitation. Repeating it changes nothing. NOT_FOUND; CONFLICT if it has been accepted. */
export async function revokeInvitation(
  needs: WorkspaceNeeds,
  caller: Caller,
  invitationId: string,
): Promise<Invitation> {
  return changeAuthorized(needs, caller, ['members:invite'], async (stores, caller, now) => {
    const before = await stores.invitations.find(caller.workspaceId, invitationId);
    if (!before) throw new AppError('NOT_FOUND', { message: `No invitation ${invitationId}` });
    if (before.acceptedAt !== null)
      throw new AppError('CONFLICT', { message: 'The invitation has been accepted; remove the member' });
    if (before.revokedAt !== null) return before;
    return withdrawInvitation(stores, caller, before, now);
  });
}
