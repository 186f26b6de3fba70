import type { IncomingMessage, ServerResponse } from 'node:http';
import { redactSecrets } from '@latchkey/contract';
import type { ClientInfo } from '../../domain/shared/caller.ts';
import { newId } from '../../domain/shared/id.ts';
import type { TrustedProxies } from '../connections/trusted-proxies.ts';
import { pathOfTarget } from './request-guard.ts';

/** A request with its response, and what every answer and every log line needs. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  /** Path and query. The authority of a target in absolute form is left out. */
  readonly url: string;
  /** Milliseconds, from `performance.now`. */
  readonly arrivedAt: number;
}

export function exchangeOf(request: IncomingMessage, response: ServerResponse): Exchange {
  const url = pathOfTarget(request.url ?? '');
  return { request, response, requestId: newRequestId(), url, arrivedAt: performance.now() };
}

const AGENT_LENGTH_MAX = 200;

/** The client address, user agent and id of a request. Secrets in the user agent are redacted. */
export function clientInfoOf(
  request: IncomingMessage,
  requestId: string,
  proxies: TrustedProxies,
): ClientInfo {
  const agent = request.headers['user-agent'];
  return {
    address: proxies.clientOf(request),
    agent: agent === undefined ? null : redactSecrets(agent).slice(0, AGENT_LENGTH_MAX),
    requestId,
  };
}

/** The digits of ids (Crockford's base 32, in lower case). */
const DIGITS = [...'0123456789abcdefghjkmnpqrstvwxyz'];
/** The suffix of the ids of one millisecond: a counter (RFC 9562, section 6.2), since random numbers are slow. */
const ENDINGS = DIGITS.flatMap((first) => DIGITS.map((second) => first + second));
const ENDING_LENGTH = 2;

let drawnAt = Number.NaN;
let beginning = '';
let used = 0;

/** A new request id, in the format of every id. Ids of the same millisecond may differ in their last two digits only. */
export function newRequestId(): string {
  const now = Date.now();
  if (now !== drawnAt || used === ENDINGS.length) {
    drawnAt = now;
    beginning = newId('req').slice(0, -ENDING_LENGTH);
    used = 0;
  }
  return beginning + ENDINGS[used++];
}
