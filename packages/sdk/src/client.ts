import { type CallerBody, getMe } from '@latchkey/contract';
import { Requester } from './request.ts';
import { Account } from './resources/account.ts';
import { AuditLog } from './resources/audit-log.ts';
import { Invitations } from './resources/invitations.ts';
import { Keys } from './resources/keys.ts';
import { Members } from './resources/members.ts';
import { Permissions } from './resources/permissions.ts';
import { Roles } from './resources/roles.ts';
import { Sessions } from './resources/sessions.ts';
import { Workspaces } from './resources/workspaces.ts';

export interface LatchkeyOptions {
  /** The URL of the service, such as `https://keys.example.com`. */
  readonly url: string;
  /** The credential of every call. The client does not expose it: not as a property, in logs or when serialised. */
  readonly key: string;
  /** Used instead of the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** The timeout of a call in milliseconds, including retries; 10,000 by default. */
  readonly timeoutMs?: number;
}

const TIMEOUT_DEFAULT_MS = 10_000;

/** A client of one Latchkey service. It need not be closed. */
export class Latchkey {
  readonly keys: Keys;
  readonly permissions: Permissions;
  readonly workspaces: Workspaces;
  readonly roles: Roles;
  readonly members: Members;
  readonly invitations: Invitations;
  readonly sessions: Sessions;
  readonly account: Account;
  readonly auditLog: AuditLog;
  readonly #requester: Requester;

  /** Throws TypeError if `url` is not an http(s) URL without credentials, or `key` is not visible ASCII without spaces. */
  constructor({ url, key, fetch = globalThis.fetch, timeoutMs = TIMEOUT_DEFAULT_MS }: LatchkeyOptions) {
    this.#requester = new Requester({ url: baseUrl(url), key: credential(key), fetch, timeoutMs });
    this.keys = new Keys(this.#requester);
    this.permissions = new Permissions(this.#requester);
    this.workspaces = new Workspaces(this.#requester);
    this.roles = new Roles(this.#requester);
    this.members = new Members(this.#requester);
    this.invitations = new Invitations(this.#requester);
    this.sessions = new Sessions(this.#requester);
    this.account = new Account(this.#requester);
    this.auditLog = new AuditLog(this.#requester);
  }

  /** The caller that the credential belongs to, and its permissions. */
  async me(): Promise<{ caller: CallerBody }> {
    const { result } = await this.#requester.call(getMe, {});
    return result;
  }
}

/** The error messages do not repeat the URL, because it can contain a password. */
function baseUrl(text: string): string {
  if (!URL.canParse(text)) throw new TypeError('url must be an address such as https://keys.example.com');
  const url = new URL(text);
  const isPlain =
    /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
  if (!isPlain) throw new TypeError('url must be http or https, without credentials, query or fragment');
  return url.href.replace(/\/+$/, '');
}

/** Checked here, because the runtime's error for an invalid header value would print the key. */
function credential(key: string): string {
  if (!/^[\x21-\x7e]+$/.test(key)) throw new TypeError('key must be visible ASCII characters without spaces');
  return key;
}
