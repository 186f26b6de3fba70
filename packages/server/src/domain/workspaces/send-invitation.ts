import type { CreatedInvitation } from '../invitations/create-invitation.ts';
import { invitationMail } from '../invitations/invitation-mail.ts';
import type { Mailer } from '../shared/mail.ts';
import type { WorkspaceStore } from './workspace-store.ts';

export interface SendingNeeds {
  /** Null: the service is not set up to send mail. */
  readonly mailer: Mailer | null;
  readonly workspaces: WorkspaceStore;
  /** The URL where the invitation of this token can be accepted. */
  readonly acceptUrl: (token: string) => string;
}

/**
 * Mails a stored invitation to the invited address. Returns null if the mail was sent; otherwise a text for the inviter,
 * with the reason and what to do instead. The invitation is valid in both cases, so this must run after its transaction.
 */
export async function sendInvitation(
  { mailer, workspaces, acceptUrl }: SendingNeeds,
  { invitation, mailToken }: CreatedInvitation,
): Promise<string | null> {
  if (mailer === null || mailToken === null)
    return 'This service is not set up to send e-mail: pass the token on yourself';
  const workspaceName = (await workspaces.find(invitation.workspaceId))?.name ?? '';
  const mail = invitationMail({ invitation, workspaceName, acceptUrl: acceptUrl(mailToken) });
  const failure = await mailer.send(mail);
  return failure && `The e-mail was not sent, since ${failure}: pass the token on yourself`;
}
