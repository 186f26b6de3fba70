import {
  type CallerBody,
  getMe,
  getSystem,
  listInstances,
  type ResultOf,
  type SystemBody,
} from '@latchkey/contract';
import { type Credential, credentialInit, serviceUrl } from './credential.ts';
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

interface CommonOptions {
  /** Used instead of the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** The timeout of a call in milliseconds, including retries; 10,000 by default. */
  readonly timeoutMs?: number;
}

/** A client with a key needs the `url` of the service, such as `https://keys.example.com`. In a page of the service, `''` is enough. */
export type LatchkeyOptions = CommonOptions &
  (
    | (Extract<Credential, { key: string }> & { readonly url: string })
    | (Extract<Credential, { session: true }> & {
        /** The origin of the page by default. */
        readonly url?: string;
      })
  );

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

  /**
   * Throws TypeError if `url` is not an http(s) URL without credentials, if `key` is not visible ASCII without spaces, or if
   * there is no credential, or two.
   */
  constructor(options: LatchkeyOptions) {
    const { url = '', fetch = globalThis.fetch, timeoutMs = TIMEOUT_DEFAULT_MS } = options;
    this.#requester = new Requester({
      url: serviceUrl(url, options),
      credential: credentialInit(options),
      fetch,
      timeoutMs,
    });
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

  /** Whether the service works, and its instances. */
  async system(): Promise<{ system: SystemBody }> {
    const { result } = await this.#requester.call(getSystem, {});
    return result;
  }

  /** The running instances of the service, with the age of what each has in memory. */
  async instances(): Promise<ResultOf<typeof listInstances>> {
    const { result } = await this.#requester.call(listInstances, {});
    return result;
  }
}
