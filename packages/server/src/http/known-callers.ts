import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { Caller } from '../domain/shared/caller.ts';
import { sessionTokenOf } from './session-cookie.ts';

const REMEMBERED_MAX = 10_000;
/** Milliseconds. A credential that has ended stands among those of its workspace so long, and only takes their turns. */
const REMEMBERED_MS = 300_000;

/** With one class for each credential that somebody invents, inventing more of them would buy more turns. */
const STRANGERS = 'strangers';
const NOBODY = 'nobody';

/**
 * Tells, without asking the store, by whose turn a request goes. It proves nothing and decides nothing else. What was a
 * good credential lately has the turn of its workspace, and people there have one apart from programs, so that they can
 * still revoke the key of one that asks without end.
 */
export class KnownCallers {
  /** By digest: a credential that is over shall not be kept. */
  readonly #classes = new LRUCache<string, string>({ max: REMEMBERED_MAX, ttl: REMEMBERED_MS });

  classOf(request: IncomingMessage): string {
    const credential = credentialText(request);
    return credential === undefined ? NOBODY : (this.#classes.get(digestOf(credential)) ?? STRANGERS);
  }

  remember(request: IncomingMessage, caller: Caller): void {
    const credential = credentialText(request);
    if (credential !== undefined) this.#classes.set(digestOf(credential), classOf(caller));
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
