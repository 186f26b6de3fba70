import type { Mail } from '../shared/mail.ts';
import { escapeHtml, paragraph } from '../shared/text/html.ts';

/** One link of the mail. */
export interface MailedLink {
  readonly workspaceName: string;
  /** The name that the person has in the workspace. */
  readonly displayName: string;
  readonly url: string;
}

const OPENING = 'You, or another person who entered your address, asked to sign in to Latchkey.';
const WARNING =
  'Each link works once, and for 15 minutes. Do not pass it on. If you did not ask for it, do nothing.';

/** The mail that signs a person in, with a link for each workspace. */
export function signInMail(to: string, links: readonly MailedLink[]): Mail {
  const lines = links.map(({ workspaceName, displayName, url }) => ({
    title: `${workspaceName}, as ${displayName}:`,
    url,
  }));
  return {
    to,
    subject: 'Sign in to Latchkey',
    text: [OPENING, ...lines.map(({ title, url }) => `${title}\n${url}`), WARNING].join('\n\n'),
    html: [
      paragraph(OPENING),
      ...lines.map(
        ({ title, url }) => `<p>${escapeHtml(title)} <a href="${escapeHtml(url)}">${escapeHtml(url)}</a></p>`,
      ),
      paragraph(WARNING),
    ].join('\n'),
  };
}
