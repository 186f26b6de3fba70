import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type Catalogue, checkApiKey } from '@latchkey/contract';
import type { FastifyBaseLogger } from 'fastify';
import type { Key } from '../domain/keys/key.ts';
import type { Failure } from '../domain/shared/app-error.ts';
import type { Verdict, Verifier, VerifyInput } from '../domain/verification/verifier.ts';
import { type CheckQuestion, questionReader } from './check-question.ts';
import { tokenOf } from './credentials.ts';
import { isOurFailure, toAppError } from './error-response.ts';
import { gather } from './gather.ts';
import { type Body, failureMessage, type Message, messageOf, send, successBody } from './message.ts';
import { readPlain } from './plain-request.ts';
import { presentCheck } from './present-check.ts';
import { rateLimitFields } from './rate-limit-fields.ts';
import { newRequestId } from './request-id.ts';
import type { UnhurriedAnswers } from './unhurried.ts';

export interface HotNeeds {
  readonly catalogue: Catalogue;
  readonly verifier: Verifier;
  readonly unhurried: UnhurriedAnswers;
  readonly log: FastifyBaseLogger;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** As `performance.now` has it. */
  readonly arrivedAt: number;
}

type ReadQuestion = (query: string) => CheckQuestion | null;

/**
 * Answers `GET /api-keys/check` in front of the framework, which costs more than the verification itself. It takes only
 * requests that are like any other; all else, and every other path, goes to `next`, which answers the same question in the
 * same words.
 */
export function hotCheck(needs: HotNeeds, next: RequestListener): RequestListener {
  const readQuestion = questionReader(needs.catalogue);
  const answerSoon = gather<Exchange>((exchanges) => answerAll(exchanges, readQuestion, needs, next));
  return (request, response) => {
    if (isCheck(request)) answerSoon({ request, response, arrivedAt: performance.now() });
    else next(request, response);
  };
}

function answerAll(
  exchanges: readonly Exchange[],
  readQuestion: ReadQuestion,
  needs: HotNeeds,
  next: RequestListener,
): void {
  const inputs = exchanges.map(({ request }) => inputOf(request, readQuestion));
  const verdicts = inputs.map((input) => input && needs.verifier.verifyNow(input));
  const messages = verdicts.map((verdict) => verdict && !isTurnedAway(verdict) && compose(verdict));
  exchanges.forEach((exchange, index) => {
    const message = messages[index];
    const input = inputs[index];
    if (message) answer(exchange, message, needs);
    else if (!input) next(exchange.request, exchange.response);
    else void answerBehind(exchange, input, verdicts[index] ?? null, needs);
  });
}

/** Answers those who have to wait: for the store, or for all others. */
async function answerBehind(
  exchange: Exchange,
  input: VerifyInput,
  known: Verdict | null,
  needs: HotNeeds,
): Promise<void> {
  try {
    const verdict = known ?? (await needs.verifier.verify(input));
    if (isTurnedAway(verdict)) {
      needs.unhurried.add(exchange.response, () => answer(exchange, compose(verdict), needs));
    } else answer(exchange, compose(verdict), needs);
  } catch (error) {
    const failure = toAppError(error);
    const requestId = newRequestId();
    if (isOurFailure(failure))
      needs.log.error({ requestId, err: failure.cause ?? failure }, 'request failed');
    answer(exchange, failureMessage(failure, requestId, {}), needs);
  }
}

function answer({ request, response, arrivedAt }: Exchange, message: Message, { log }: HotNeeds): void {
  send(response, message);
  const { method, url } = request;
  const { status, requestId } = message;
  const ms = Math.round(performance.now() - arrivedAt);
  log[status >= 500 ? 'error' : 'debug']({ requestId, method, url, status, ms }, 'answered');
}

/** The text is no good key now. Whether it ever was one is not to be told by the time of the answer. */
function isTurnedAway({ code }: Verdict): boolean {
  return code !== 'VALID' && code !== 'PERMISSION_DENIED' && code !== 'RATE_LIMITED';
}

const WITH_QUERY = `${checkApiKey.path}?`;

function isCheck({ method, url = '' }: IncomingMessage): boolean {
  return method === checkApiKey.method && (url === checkApiKey.path || url.startsWith(WITH_QUERY));
}

/** What a plain request asks; null where it is not so plain. */
function inputOf(request: IncomingMessage, readQuestion: ReadQuestion): VerifyInput | null {
  const plain = readPlain(request);
  if (!plain || plain.contentType !== null || plain.contentLength !== null) return null;
  const keyText = tokenOf(plain.authorization);
  const question = readQuestion(request.url?.slice(WITH_QUERY.length) ?? '');
  if (keyText === null || question === null) return null;
  // In the shape that `verify` makes too: with objects of several shapes each verification costs more.
  const { workspaceId, permissions, cost } = question;
  return { keyText, workspaceId, permissions, cost };
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
