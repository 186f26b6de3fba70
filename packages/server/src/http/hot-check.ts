import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { checkApiKey } from '@latchkey/contract';
import type { FastifyBaseLogger } from 'fastify';
import type { Key } from '../domain/keys/key.ts';
import type { Failure } from '../domain/shared/app-error.ts';
import type { Verdict, Verifier } from '../domain/verification/verifier.ts';
import { tokenOf } from './credentials.ts';
import { gather } from './gather.ts';
import { type Body, failureMessage, type Message, messageOf, send, successBody } from './message.ts';
import { readPlain } from './plain-request.ts';
import { presentCheck } from './present-check.ts';
import { rateLimitFields } from './rate-limit-fields.ts';
import { newRequestId } from './request-id.ts';

export interface HotNeeds {
  readonly verifier: Verifier;
  readonly log: FastifyBaseLogger;
  readonly isClosing: () => boolean;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * Answers `GET /api-keys/check` in front of the framework, which costs more than the verification itself. It takes only
 * requests that are like any other, and of these only what memory can answer at once; all else, and every other path,
 * goes to `next`, which answers the same question in the same words. So does everything once the service is closing,
 * since `next` then asks the clients to go.
 */
export function hotCheck(needs: HotNeeds, next: RequestListener): RequestListener {
  const answerSoon = gather<Exchange>((exchanges) => answerAll(exchanges, needs, next));
  return (request, response) => {
    if (isCheck(request) && !needs.isClosing()) answerSoon({ request, response });
    else next(request, response);
  };
}

function answerAll(exchanges: readonly Exchange[], { verifier, log }: HotNeeds, next: RequestListener): void {
  const verdicts = exchanges.map(({ request }) => verdictAtOnce(request, verifier));
  const messages = verdicts.map((verdict) => verdict && compose(verdict));
  exchanges.forEach(({ request, response }, index) => {
    const message = messages[index];
    if (message) {
      send(response, message);
      log.debug({ method: request.method, url: request.url, status: message.status, ms: 0 }, 'answered');
    } else next(request, response);
  });
}

function isCheck({ method, url }: IncomingMessage): boolean {
  return url === checkApiKey.path && method === checkApiKey.method;
}

function verdictAtOnce(request: IncomingMessage, verifier: Verifier): Verdict | null {
  const plain = readPlain(request);
  if (!plain || plain.contentType !== null || plain.contentLength !== null) return null;
  const keyText = tokenOf(plain.authorization);
  return keyText === null
    ? null
    : verifier.verifyNow({ workspaceId: null, permissions: [], cost: 1, keyText });
}

function compose(verdict: Verdict): Message {
  const requestId = newRequestId();
  const answer = bodyOf(verdict);
  const fields = rateLimitFields(verdict.quota);
  return isFailure(answer)
    ? failureMessage(answer, requestId, fields)
    : messageOf(checkApiKey.status, answer, requestId, fields);
}

/** What a good key is told is the same as long as the key is. */
const bodies = new WeakMap<Key, Body>();

function bodyOf(verdict: Verdict): Body | Failure {
  const { code, key } = verdict;
  const known = code === 'VALID' && key ? bodies.get(key) : undefined;
  if (known !== undefined) return known;
  const answer = presentCheck(verdict);
  if ('code' in answer) return answer;
  const body = successBody(answer);
  if (key) bodies.set(key, body);
  return body;
}

function isFailure(answer: Body | Failure): answer is Failure {
  return typeof answer === 'object' && 'code' in answer;
}
