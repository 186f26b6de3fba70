import { resolve } from 'node:path';
import { type Static, Type } from 'typebox';
import { badSetting } from '../domain/shared/operator-error.ts';
import { percentDecoded } from '../domain/shared/percent-encoding.ts';

/** The settings of mail, by the names of their environment variables. */
export const MAIL_SETTINGS = {
  LATCHKEY_SMTP_URL: Type.Optional(Type.String({ minLength: 1 })),
  LATCHKEY_SMTP_PASSWORD_FILE: Type.Optional(Type.String({ minLength: 1 })),
  LATCHKEY_MAIL_FROM: Type.Optional(Type.String({ minLength: 1 })),
};

const Settings = Type.Object(MAIL_SETTINGS);
type Settings = Static<typeof Settings>;

export interface MailConfig {
  /** smtp: or smtps:. It may contain a password, so it is never shown. */
  readonly url: string;
  /** The file with the password, which is then not in `url`; null: the password is in `url`, or there is none. */
  readonly passwordFile: string | null;
  /** The sender: an address, or a name with the address in angle brackets. */
  readonly from: string;
}

const ADDRESS = /^[^\s<>@,;:"]+@[^\s<>@,;:"]+$/;
const NAMED_ADDRESS = /^[^\p{Cc}<>@,;:"]+ <([^<>]+)>$/u;

/** Null: the service sends no mail. Throws OperatorError if a setting is invalid or lacks another that it requires. */
export function mailConfigOf({
  LATCHKEY_SMTP_URL: url,
  LATCHKEY_SMTP_PASSWORD_FILE: passwordFile,
  LATCHKEY_MAIL_FROM: from,
}: Settings): MailConfig | null {
  if (url === undefined && from === undefined && passwordFile === undefined) return null;
  if (url === undefined)
    throw badSetting('LATCHKEY_SMTP_URL', 'is missing; the other settings of mail need it');
  if (!isSmtpUrl(url))
    throw badSetting(
      'LATCHKEY_SMTP_URL',
      'must be like smtps://user:password@mail.example.com, the password percent-encoded',
    );
  if (from === undefined || !ADDRESS.test(NAMED_ADDRESS.exec(from)?.[1] ?? from))
    throw badSetting('LATCHKEY_MAIL_FROM', 'must be the sender of mails, like Latchkey <keys@example.com>');
  if (passwordFile !== undefined && !hasUserAlone(url))
    throw badSetting(
      'LATCHKEY_SMTP_URL',
      'must name the user and no password, like smtps://user@mail.example.com, where LATCHKEY_SMTP_PASSWORD_FILE is set',
    );
  return { url, from, passwordFile: passwordFile === undefined ? null : resolve(passwordFile) };
}

function hasUserAlone(url: string): boolean {
  const { username, password } = new URL(url);
  return username !== '' && password === '';
}

function isSmtpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, pathname, search, hash } = new URL(text);
  const hasMore = pathname.length > 1 || search !== '' || hash !== '';
  return (
    /^smtps?:$/.test(protocol) && hostname !== '' && !hasMore && percentDecoded(username + password) !== null
  );
}
