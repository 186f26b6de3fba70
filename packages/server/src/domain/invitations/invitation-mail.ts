import type { Mail, Mailer } from '../shared/mail.ts';
import { escapeHtml, paragraph } from '../shared/text/html.ts';
import type { Invitation } from '../tenancy/invitation.ts';
import type { WorkspaceStore } from '../tenancy/workspace.ts';
import type { CreatedInvitation } from './create-invitation.ts';

/** The content of an invitation mail. */
export interface InvitationLetter {
  readonly invitation: Invitation;
  readonly workspaceName: string;
  /** The URL to accept the invitation. Anyone who has it can accept, so it appears in this mail only. */
  readonly acceptUrl: string;
}

/** The mail to the invited address: the inviter, the workspace, the role, and how to accept. */
function invitationMail({ invitation, workspaceName, acceptUrl }: InvitationLetter): Mail {
  const { email, inviter, roleName, message, expiresAt } = invitation;
  const opening = `${inviter.displayName} (${inviter.email}) invites you to the workspace ${workspaceName} as ${roleName}.`;
  const deadline = `Accept the invitation by ${new Date(expiresAt).toUTCString()}:`;
  const warning = `Anyone who has this link can accept, once: do not pass it on. If you do not expect an invitation, do nothing.`;
  return {
    to: email,
    subject: `${inviter.displayName} invites you to ${workspaceName}`,
    text: [opening, ...(message === null ? [] : [`> ${message}`]), deadline, acceptUrl, warning].join('\n\n'),
    html: [
      paragraph(opening),
      message === null ? '' : `<blockquote>${escapeHtml(message)}</blockquote>`,
      paragraph(deadline),
      `<p><a href="${escapeHtml(acceptUrl)}">${escapeHtml(acceptUrl)}</a></p>`,
      paragraph(warning),
    ].join('\n'),
  };
}

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
