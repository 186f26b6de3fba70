import { recordChange } from '../audit/record-change.ts';
import type { Caller } from '../shared/caller.ts';
import { type Invitation, invitationFacts } from '../tenancy/invitation.ts';
import type { WorkspaceStores } from '../tenancy/stores.ts';

/** Revokes an invitation that was neither accepted nor revoked, as part of a transaction. */
export async function withdrawInvitation(
  { invitations, audit }: Pick<WorkspaceStores, 'invitations' | 'audit'>,
  caller: Caller,
  before: Invitation,
  now: number,
): Promise<Invitation> {
  const after = { ...before, updatedAt: now, revokedAt: now };
  await invitations.update(after);
  const facts = { before: invitationFacts(before, now), after: invitationFacts(after, now) };
  const target = { kind: 'invitation', id: before.id } as const;
  await recordChange(audit, caller, { eventType: 'invitation.revoked', target, ...facts }, now);
  return after;
}
