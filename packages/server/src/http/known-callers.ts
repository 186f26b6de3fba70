import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { asksAboutCredential, type Endpoint, needsCredential } from '@latchkey/contract';
import { LRUCache } from 'lru-cache';
import { AppError } from '../domain/shared/app-error.ts';
import type { Caller } from '../domain/shared/caller.ts';
import { Admission, type AdmissionLimits } from './admission.ts';
import { tokenOf } from './credentials.ts';
import { originOf } from './origin.ts';
import { sessionTokenOf } from './session-cookie.ts';
import { type WhoCallsNeeds, whoCalls } from './who-calls.ts';

const REMEMBERED_MAX = 10_000;
/** Milliseconds. A credential that has ended has the turns of its workspace for so long, and nothing else. */
const REMEMBERED_MS = 300_000;

/** Look-ups of credentials that are not remembered. Each takes less than a millisecond. */
const LOOK_UPS: AdmissionLimits = {
  underWayMax: 64,
  underWayOfClassMax: 32,
  waitingMax: 1_000,
  waitMsMax: 2_000,
};

/** By whose turn a request goes. */
export interface Turn {
  readonly className: string;
  /** Was the credential good, now or in the last minutes? */
  readonly isKnown: boolean;
}

/** With one class for each credential that is invented, inventing more of them would buy more turns. */
const STRANGERS: Turn = { className: 'strangers', isKnown: false };
const NOBODY: Turn = { className: 'nobody', isKnown: false };

interface LookUp {
  readonly run: () => Promise<void>;
  readonly deny: () => void;
}

/**
 * Finds the workspace in whose turn a request goes, before it is admitted. It decides nothing else. People have a turn apart
 * from programs, so that they can still revoke the key of one that calls without pause. A credential that was good lately is
 * remembered; any other one is looked up first, and those that memory knows to be nobody's are not even that.
 */
export class KnownCallers {
  readonly #needs: WhoCallsNeeds;
  /** By digest: a credential that has ended is not kept. */
  readonly #turns = new LRUCache<string, Turn>({ max: REMEMBERED_MAX, ttl: REMEMBERED_MS });
  readonly #lookUps = new Admission<LookUp>(LOOK_UPS, {
    start: ({ run }, end) => void run().finally(end),
    refuse: ({ deny }) => deny(),
  });

  constructor(needs: WhoCallsNeeds) {
    this.#needs = needs;
  }

  /** The class of a request whose credential was looked up before. */
  classOf(request: IncomingMessage): string {
    const credential = credentialText(request);
    if (credential === undefined) return NOBODY.className;
    return (this.#turns.get(digestOf(credential)) ?? STRANGERS).className;
  }

  /** UNAVAILABLE where too many credentials are being looked up. */
  async turnOf(request: IncomingMessage, endpoint: Endpoint | undefined): Promise<Turn> {
    const credential = credentialText(request);
    if (credential === undefined || !endpoint || !needsCredential(endpoint)) return NOBODY;
    const known = this.#turns.get(digestOf(credential));
    if (known) return known;
    if (asksAboutCredential(endpoint) || this.#isUnknown(request)) return STRANGERS;
    return this.#lookUp(request);
  }

  remember(request: IncomingMessage, caller: Caller): Turn {
    const turn = { className: classOf(caller), isKnown: true };
    const credential = credentialText(request);
    if (credential !== undefined) this.#turns.set(digestOf(credential), turn);
    return turn;
  }

  #isUnknown({ headers }: IncomingMessage): boolean {
    const token = tokenOf(headers.authorization ?? '');
    return token !== null && this.#needs.authenticator.isUnknown(token);
  }

  #lookUp(request: IncomingMessage): Promise<Turn> {
    return new Promise((resolve, reject) => {
      const run = async () => resolve(await this.#identify(request));
      const deny = () => reject(new AppError('UNAVAILABLE'));
      this.#lookUps.ask(request.headers.authorization === undefined ? 'sessions' : 'tokens', { run, deny });
    });
  }

  /** A credential that is not good is denied later, in the words that belong to it. */
  async #identify(request: IncomingMessage): Promise<Turn> {
    const origin = originOf(request, '', this.#needs.trustedProxies);
    try {
      return this.remember(request, await whoCalls(this.#needs, request, origin));
    } catch {
      return STRANGERS;
    }
  }
}

/** By whose turn the work of a caller is done. */
export function classOf({ kind, workspaceId }: Caller): string {
  return `${kind} ${workspaceId}`;
}

function credentialText(request: IncomingMessage): string | undefined {
  return request.headers.authorization ?? sessionTokenOf(request);
}

function digestOf(credential: string): string {
  return createHash('sha256').update(credential).digest('base64');
}
