import { recordChange } from '../audit/record-change.ts';
import { AppError } from '../shared/app-error.ts';
import { type Caller, requirePermission } from '../shared/caller.ts';
import { type Invitation, invitationFacts } from './invitation.ts';
import type { WorkspaceNeeds } from './workspace-needs.ts';

/** Ends an invitation. Repeating it changes nothing. NOT_FOUND; CONFLICT where it has been accepted. */
export async function revokeInvitation(
  { unitOfWork, clock }: WorkspaceNeeds,
  caller: Caller,
  invitationId: string,
): Promise<Invitation> {
  requirePermission(caller, 'members:invite');
  return unitOfWork.transact(async ({ invitations, audit }) => {
    const before = await invitations.find(caller.workspaceId, invitationId);
    if (!before) throw new AppError('NOT_FOUND', { message: `No invitation ${invitationId}` });
    if (before.acceptedAt !== null)
      throw new AppError('CONFLICT', { message: 'The invitation has been accepted; remove the member' });
    if (before.revokedAt !== null) return before;
    const now = clock.now();
    const after = { ...before, updatedAt: now, revokedAt: now };
    await invitations.update(after);
    const facts = { before: invitationFacts(before, now), after: invitationFacts(after, now) };
    const target = { kind: 'invitation', id: invitationId } as const;
    await recordChange(audit, caller, { eventType: 'invitation.revoked', target, ...facts }, now);
    return after;
  });
}
