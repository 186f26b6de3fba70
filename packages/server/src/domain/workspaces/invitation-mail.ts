import type { Invitation } from './invitation.ts';
import { escapeHtml, paragraph } from './mail-html.ts';
import type { Mail } from './mailer.ts';

/** What the mail says beside the invitation itself. */
export interface InvitationLetter {
  readonly invitation: Invitation;
  readonly workspaceName: string;
  /** Where the invitation can be accepted. Whoever has it can, so it stands in this mail alone. */
  readonly acceptUrl: string;
}

/** Tells somebody that they are invited, by whom, into what, and how to accept. */
export function invitationMail({ invitation, workspaceName, acceptUrl }: InvitationLetter): Mail {
  const { email, inviter, roleName, message, expiresAt } = invitation;
  const opening = `${inviter.displayName} (${inviter.email}) invites you to the workspace ${workspaceName} as ${roleName}.`;
  const deadline = `Accept the invitation by ${new Date(expiresAt).toUTCString()}:`;
  const warning = `Whoever has this link can accept, once: do not hand it on. If you do not expect an invitation, do nothing.`;
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
