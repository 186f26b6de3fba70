import { type Caps, requireRoom } from '../shared/caps.ts';
import type { Mailer } from '../shared/mail.ts';
import type { Invitation } from '../tenancy/invitation.ts';
import type { WorkspaceStores } from '../tenancy/stores.ts';

const HOUR_MS = 3_600_000;

export interface InvitationCapNeeds {
  readonly caps: Caps;
  /** Null: the service sends no mail. */
  readonly mailer: Mailer | null;
}

/**
 * Throws LIMIT_REACHED if the workspace has the maximum number of open invitations or, unless `skipEmail`, has sent the
 * maximum number of mails within the hour. The mail is counted in the transaction, before it is sent, so that a failed
 * mail counts too.
 */
export async function requireRoomForInvitation(
  { caps, mailer }: InvitationCapNeeds,
  { invitations, mailCounts }: Pick<WorkspaceStores, 'invitations' | 'mailCounts'>,
  { workspaceId, createdAt: now }: Invitation,
  skipEmail: boolean,
): Promise<void> {
  requireRoom(caps, 'openInvitations', await invitations.countOpen(workspaceId, now));
  if (skipEmail || mailer === null) return;
  const hourAgo = now - HOUR_MS;
  requireRoom(caps, 'mailsPerHour', await mailCounts.countAfter(workspaceId, hourAgo));
  await mailCounts.add(workspaceId, now, hourAgo);
}
