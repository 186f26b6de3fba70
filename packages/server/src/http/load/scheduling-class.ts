import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { asksAboutCredential, type Endpoint, needsCredential } from '@latchkey/contract';
import { LRUCache } from 'lru-cache';
import { AppError } from '../../domain/shared/app-error.ts';
import type { Caller } from '../../domain/shared/caller.ts';
import { type WhoCallsNeeds, whoCalls } from '../auth/caller.ts';
import { sessionTokenOf, tokenOf } from '../auth/credentials.ts';
import { clientInfoOf } from '../pipeline/exchange.ts';
import { ConcurrencyLimiter, type ConcurrencyLimits } from './concurrency-limiter.ts';

const REMEMBERED_MAX = 10_000;
/** Milliseconds. A revoked credential may use the turns of its workspace for this time, but its calls are denied. */
const REMEMBERED_MS = 300_000;

/** Limits for look-ups of credentials that are not cached. A look-up takes less than a millisecond. */
const LOOK_UPS: ConcurrencyLimits = {
  runningMax: 64,
  runningOfClassMax: 32,
  waitingMax: 1_000,
  waitMsMax: 2_000,
};

/** The class of a request in the fair queues. */
export interface SchedulingClass {
  readonly className: string;
  /** Was the credential valid, now or within the last minutes? */
  readonly isKnown: boolean;
}

/** One class for all unknown credentials: else a client could get more turns by inventing more credentials. */
const STRANGERS: SchedulingClass = { className: 'strangers', isKnown: false };
/** The class of calls without a caller. */
export const NO_CALLER_CLASS = 'no credential';
const NO_CREDENTIAL: SchedulingClass = { className: NO_CALLER_CLASS, isKnown: false };

interface LookUp {
  readonly run: () => Promise<void>;
  readonly deny: () => void;
}

/**
 * Finds the class of a request in the fair queues, before the request is admitted. It does not authenticate. Sessions of a
 * workspace have another class than its keys, so that people can still revoke a key that calls without pause. The class of a
 * valid credential is cached; any other credential is looked up, unless the replica in memory shows that it is unknown.
 */
export class SchedulingClasses {
  readonly #needs: WhoCallsNeeds;
  /** By digest, so that the credential itself is not kept in memory. */
  readonly #turns = new LRUCache<string, SchedulingClass>({ max: REMEMBERED_MAX, ttl: REMEMBERED_MS });
  readonly #lookUps = new ConcurrencyLimiter<LookUp>(LOOK_UPS, {
    start: ({ run }, end) => void run().finally(end),
    deny: ({ deny }) => deny(),
  });

  constructor(needs: WhoCallsNeeds) {
    this.#needs = needs;
  }

  /** Throws UNAVAILABLE if too many look-ups are pending. */
  async find(request: IncomingMessage, endpoint: Endpoint | undefined): Promise<SchedulingClass> {
    const credential = credentialText(request);
    if (credential === undefined || !endpoint || !needsCredential(endpoint)) return NO_CREDENTIAL;
    const known = this.#turns.get(digestOf(credential));
    if (known) return known;
    if (asksAboutCredential(endpoint) || this.#isUnknown(request)) return STRANGERS;
    return this.#lookUp(request);
  }

  remember(request: IncomingMessage, caller: Caller): SchedulingClass {
    const turn = { className: classOf(caller), isKnown: true };
    const credential = credentialText(request);
    if (credential !== undefined) this.#turns.set(digestOf(credential), turn);
    return turn;
  }

  #isUnknown({ headers }: IncomingMessage): boolean {
    const token = tokenOf(headers.authorization ?? '');
    return token !== null && this.#needs.authenticator.isUnknown(token);
  }

  #lookUp(request: IncomingMessage): Promise<SchedulingClass> {
    return new Promise((resolve, reject) => {
      const run = async () => resolve(await this.#identify(request));
      const deny = () => reject(new AppError('UNAVAILABLE'));
      this.#lookUps.ask(request.headers.authorization === undefined ? 'sessions' : 'tokens', { run, deny });
    });
  }

  /** Does not throw for an invalid credential: authentication denies it later with the right error. */
  async #identify(request: IncomingMessage): Promise<SchedulingClass> {
    const client = clientInfoOf(request, '', this.#needs.trustedProxies);
    try {
      return this.remember(request, await whoCalls(this.#needs, request, client));
    } catch {
      return STRANGERS;
    }
  }
}

/** The class of a caller in the fair queues. */
export function classOf({ kind, workspaceId }: Caller): string {
  return `${kind} ${workspaceId}`;
}

function credentialText(request: IncomingMessage): string | undefined {
  return request.headers.authorization ?? sessionTokenOf(request);
}

function digestOf(credential: string): string {
  return createHash('sha256').update(credential).digest('base64');
}
