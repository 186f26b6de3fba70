import type { CreatedInvitation } from './create-invitation.ts';
import { invitationMail } from './invitation-mail.ts';
import type { Mailer } from './mailer.ts';
import type { WorkspaceStore } from './workspace-store.ts';

export interface SendingNeeds {
  /** Null: the service is not set up to send mail. */
  readonly mailer: Mailer | null;
  readonly workspaces: WorkspaceStore;
  /** Where somebody can accept the invitation of this token. */
  readonly acceptUrl: (token: string) => string;
}

/**
 * Sends an invitation that has been made to whom it invites. Returns why that did not happen and what to do instead, for
 * the inviter; null where it did. The invitation stands either way, so this belongs behind its transaction.
 */
export async function sendInvitation(
  { mailer, workspaces, acceptUrl }: SendingNeeds,
  { invitation, mailToken }: CreatedInvitation,
): Promise<string | null> {
  if (mailer === null || mailToken === null)
    return 'This service is not set up to send e-mail: hand on the token yourself';
  const workspaceName = (await workspaces.find(invitation.workspaceId))?.name ?? '';
  const mail = invitationMail({ invitation, workspaceName, acceptUrl: acceptUrl(mailToken) });
  const failure = await mailer.send(mail);
  return failure && `The e-mail was not sent, since ${failure}: hand on the token yourself`;
}
