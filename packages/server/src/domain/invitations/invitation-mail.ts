import type { Mail } from '../shared/mail.ts';
import type { Invitation } from '../tenancy/invitation.ts';
import { escapeHtml, paragraph } from '../workspaces/mail-html.ts';

/** The content of an invitation mail. */
export interface InvitationLetter {
  readonly invitation: Invitation;
  readonly workspaceName: string;
  /** The URL to accept the invitation. Anyone who has it can accept, so it appears in this mail only. */
  readonly acceptUrl: string;
}

/** The mail to the invited address: the inviter, the workspace, the role, and how to accept. */
export function invitationMail({ invitation, workspaceName, acceptUrl }: InvitationLetter): Mail {
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
