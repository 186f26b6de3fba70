import { createTransport, type SMTPTransportOptions } from 'nodemailer';
import type { Mail, Mailer } from '../domain/shared/mail.ts';

const TIMEOUT_MS = 10_000;
const PORTS: Readonly<Record<string, number>> = { 'smtp:': 587, 'smtps:': 465 };
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

export interface SmtpSettings {
  /** smtp: or smtps:, with user and password when the server requires them. */
  readonly url: string;
  /** The password, not percent-encoded; null or left out: the one in the URL is used, if any. */
  readonly password?: string | null;
  /** `keys@example.com`, or `Latchkey <keys@example.com>`. */
  readonly from: string;
  /** Milliseconds after which sending a message is aborted. */
  readonly timeoutMs?: number;
}

/** Why the server did not accept a message, for the log. Never contains the message. */
export interface Undelivered {
  readonly code: string;
  /** The SMTP reply code; null when the server did not reply. */
  readonly reply: number | null;
}

const UNREACHABLE = 'the mail server could not be reached';
const UNSAFE = 'there was no safe connection to the mail server';

/** Nodemailer's error codes in words. */
const FAILURES: Readonly<Record<string, string>> = {
  EAUTH: 'the mail server did not accept the user or password of this service',
  ETLS: UNSAFE,
  EDNS: 'the mail server was not found',
  ETIMEDOUT: 'the mail server did not answer in time',
  EABORT: 'the mail server did not answer in time',
  ABORT_ERR: 'the mail server did not answer in time',
};

/**
 * Sends over SMTP, with a new connection for each message. `send` returns null, or what went wrong. A password leaves this
 * machine over TLS only, and the certificate must be valid.
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
    // The address is an object: a string could be parsed as several addresses.
    const message = { from, to: { name: '', address: to }, subject, text, html };
    const headers = { 'Auto-Submitted': 'auto-generated' };
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      await createTransport(optionsOf(url, password, timeoutMs)).sendMail({ ...message, headers, signal });
      return null;
    } catch (error) {
      const { code = 'UNKNOWN', originalCode = code, responseCode: reply = null } = error as SmtpError;
      this.#onUndelivered({ code: originalCode, reply });
      if (reply !== null) return FAILURES[code] ?? `the mail server rejected the message (${reply})`;
      return FAILURES[code] ?? (/CERT|TLS|SSL|VERIFY/.test(originalCode) ? UNSAFE : UNREACHABLE);
    }
  }
}

interface SmtpError {
  readonly code?: string;
  /** The code of the system or of TLS, when `code` names only the kind of error. */
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
    // A local connection needs no TLS; a password that leaves this machine does.
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
