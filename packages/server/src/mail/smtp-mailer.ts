import { createTransport, type SMTPTransportOptions } from 'nodemailer';
import type { Mail, Mailer } from '../domain/workspaces/mailer.ts';

const TIMEOUT_MS = 10_000;
const PORTS: Readonly<Record<string, number>> = { 'smtp:': 587, 'smtps:': 465 };
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

export interface SmtpSettings {
  /** smtp: or smtps:, with user and password where the server wants them. */
  readonly url: string;
  /** The password where it is not in the URL; null or left out: it is, or there is none. */
  readonly password?: string | null;
  /** `keys@example.com`, or `Latchkey <keys@example.com>`. */
  readonly from: string;
  /** After how long sending a message is given up. */
  readonly timeoutMs?: number;
}

/** Why a message was not taken over, for whoever looks after the service. Never what was in it. */
export interface Undelivered {
  readonly code: string;
  /** What the server answered, if it did: an SMTP reply code. */
  readonly reply: number | null;
}

const UNREACHABLE = 'the mail server could not be reached';
const UNSAFE = 'there was no safe connection to the mail server';

/** What goes wrong, as Nodemailer names it, in words. */
const FAILURES: Readonly<Record<string, string>> = {
  EAUTH: 'the mail server did not accept the user or password of this service',
  ETLS: UNSAFE,
  EDNS: 'the mail server was not found',
  ETIMEDOUT: 'the mail server did not answer in time',
  EABORT: 'the mail server did not answer in time',
  ABORT_ERR: 'the mail server did not answer in time',
};

/**
 * Sends over SMTP, a connection a message. A password leaves this machine over TLS only, and TLS takes a certificate that
 * can be verified.
 */
export class SmtpMailer implements Mailer {
  readonly #settings: SmtpSettings;
  readonly #onUndelivered: (undelivered: Undelivered) => void;

  constructor(settings: SmtpSettings, onUndelivered: (undelivered: Undelivered) => void) {
    this.#settings = settings;
    this.#onUndelivered = onUndelivered;
  }

  async send({ to, subject, text, html }: Mail): Promise<string | null> {
    const { url, password = null, from, timeoutMs = TIMEOUT_MS } = this.#settings;
    // An object for the address: as a text it could be read as several.
    const message = { from, to: { name: '', address: to }, subject, text, html };
    const headers = { 'Auto-Submitted': 'auto-generated' };
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      await createTransport(optionsOf(url, password, timeoutMs)).sendMail({ ...message, headers, signal });
      return null;
    } catch (error) {
      const { code = 'UNKNOWN', originalCode = code, responseCode: reply = null } = error as SmtpError;
      this.#onUndelivered({ code: originalCode, reply });
      if (reply !== null) return FAILURES[code] ?? `the mail server refused it (${reply})`;
      return FAILURES[code] ?? (/CERT|TLS|SSL|VERIFY/.test(originalCode) ? UNSAFE : UNREACHABLE);
    }
  }
}

interface SmtpError {
  readonly code?: string;
  /** That of the system or of TLS, where `code` is only a kind. */
  readonly originalCode?: string;
  readonly responseCode?: number;
}

function optionsOf(url: string, separate: string | null, timeoutMs: number): SMTPTransportOptions {
  const { protocol, hostname, port, username, password } = new URL(url);
  const isLocal = LOOPBACK.test(hostname);
  const secure = protocol === 'smtps:';
  return {
    host: hostname.replaceAll(/^\[|\]$/g, ''),
    port: Number(port) || (PORTS[protocol] ?? 0),
    secure,
    ...(username !== '' && {
      auth: { user: decodeURIComponent(username), pass: separate ?? decodeURIComponent(password) },
    }),
    // What stays on this machine needs no certificate; a password that leaves it does.
    ignoreTLS: !secure && isLocal,
    requireTLS: !secure && !isLocal && username !== '',
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    socketCloseTimeout: 0,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
