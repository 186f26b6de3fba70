import { recordChange } from '../audit/record-change.ts';
import { AppError } from '../shared/app-error.ts';
import type { Caller } from '../shared/caller.ts';
import { changeAs } from './change-as.ts';
import { type Invitation, invitationFacts } from './invitation.ts';
import type { WorkspaceNeeds } from './workspace-needs.ts';

/** Ends an invitation. Repeating it changes nothing. NOT_FOUND; CONFLICT where it has been accepted. */
export async function revokeInvitation(
  needs: WorkspaceNeeds,
  caller: Caller,
  invitationId: string,
): Promise<Invitation> {
  return changeAs(needs, caller, ['members:invite'], async ({ invitations, audit }, caller, now) => {
    const before = await invitations.find(caller.workspaceId, invitationId);
    if (!before) throw new AppError('NOT_FOUND', { message: `No invitation ${invitationId}` });
    if (before.acceptedAt !== null)
      throw new AppError('CONFLICT', { message: 'The invitation has been accepted; remove the member' });
    if (before.revokedAt !== null) return before;
    const after = { ...before, updatedAt: now, revokedAt: now };
    await invitations.update(after);
    const facts = { before: invitationFacts(before, now), after: invitationFacts(after, now) };
    const target = { kind: 'invitation', id: invitationId } as const;
    await recordChange(audit, caller, { eventType: 'invitation.revoked', target, ...facts }, now);
    return after;
  });
}
