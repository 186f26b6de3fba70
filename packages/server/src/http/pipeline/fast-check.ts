import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type Catalogue, checkApiKey, type QueryOf, querySchemaOf } from '@latchkey/contract';
import type { Key } from '../../domain/keys/key.ts';
import type { Failure } from '../../domain/shared/app-error.ts';
import type { Verdict, Verifier, VerifyInput } from '../../domain/verification/verifier.ts';
import { parsePermissions } from '../../domain/verification/verify.ts';
import { tokenOf } from '../auth/credentials.ts';
import type { Tarpit } from '../load/tarpit.ts';
import type { PerTick } from '../load/tick-batch.ts';
import { presentCheck, rateLimitFields } from '../present/verdict.ts';
import type { AnswerLog } from './answer-log.ts';
import { toAppError } from './error-response.ts';
import { newRequestId } from './exchange.ts';
import { readFastRequest } from './fast-request.ts';
import {
  failureResponse,
  type RawBody,
  type RawResponse,
  rawResponse,
  send,
  successBody,
} from './raw-response.ts';
import { lazyValidator } from './validation.ts';

export interface FastCheckNeeds {
  readonly catalogue: Catalogue;
  readonly verifier: Verifier;
  readonly tarpit: Tarpit;
  readonly answers: AnswerLog;
  readonly perTick: PerTick;
}

/** The request id is made with the answer, and the URL is read only where it is logged. */
interface CheckExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Milliseconds, from `performance.now`. */
  readonly arrivedAt: number;
}

type ReadQuestion = (query: string) => CheckQuestion | null;

/**
 * The fast path of `GET /api-keys/check`: it bypasses the router, and verifies the keys of one tick together. Requests that
 * `readFastRequest` does not accept go to `next`, which gives the same answers.
 */
export function fastCheck(needs: FastCheckNeeds, next: RequestListener): RequestListener {
  const readQuestion = questionReader(needs.catalogue);
  const answerSoon = needs.perTick<CheckExchange>((exchanges) =>
    answerAll(exchanges, readQuestion, needs, next),
  );
  return (request, response) => {
    if (isCheck(request)) answerSoon({ request, response, arrivedAt: performance.now() });
    else next(request, response);
  };
}

function answerAll(
  exchanges: readonly CheckExchange[],
  readQuestion: ReadQuestion,
  needs: FastCheckNeeds,
  next: RequestListener,
): void {
  const inputs = exchanges.map(({ request }) => inputOf(request, readQuestion));
  const verdicts = inputs.map((input) => input && needs.verifier.verifyNow(input));
  const messages = verdicts.map(
    (verdict) => verdict && !(verdict instanceof Promise) && !isInvalidKey(verdict) && compose(verdict),
  );
  exchanges.forEach((exchange, index) => {
    const message = messages[index];
    const input = inputs[index];
    if (message) answer(exchange, message, needs);
    else if (!input) next(exchange.request, exchange.response);
    else void answerLater(exchange, input, verdicts[index] ?? null, needs);
  });
}

/** Answers a check that needs a store, or whose denial has low priority. */
async function answerLater(
  exchange: CheckExchange,
  input: VerifyInput,
  known: Verdict | Promise<Verdict> | null,
  needs: FastCheckNeeds,
): Promise<void> {
  try {
    const verdict = await (known ?? needs.verifier.verifyUncached(input));
    if (isInvalidKey(verdict)) {
      needs.tarpit.add(exchange.response, () => answer(exchange, compose(verdict), needs));
    } else answer(exchange, compose(verdict), needs);
  } catch (error) {
    const failure = toAppError(error);
    const requestId = newRequestId();
    needs.answers.failed(requestId, failure);
    answer(exchange, failureResponse(failure, requestId, undefined, {}), needs);
  }
}

function answer(
  { request, response, arrivedAt }: CheckExchange,
  message: RawResponse,
  { answers }: FastCheckNeeds,
): void {
  send(response, message);
  const { status, requestId } = message;
  answers.answered({ request, requestId, url: request.url ?? '', arrivedAt }, status, 'fast');
}

/** Is the key invalid? All such answers are delayed, so that their time does not reveal whether the key ever existed. */
export function isInvalidKey({ code }: Verdict): boolean {
  return code !== 'VALID' && code !== 'PERMISSION_DENIED' && code !== 'RATE_LIMITED';
}

const WITH_QUERY = `${checkApiKey.path}?`;

function isCheck({ method, url = '' }: IncomingMessage): boolean {
  return method === checkApiKey.method && (url === checkApiKey.path || url.startsWith(WITH_QUERY));
}

/** The question of a fast request; null for any other request. */
function inputOf(request: IncomingMessage, readQuestion: ReadQuestion): VerifyInput | null {
  const fast = readFastRequest(request);
  if (!fast || fast.contentType !== null || fast.contentLength !== null) return null;
  const keyText = tokenOf(fast.authorization);
  const question = readQuestion(request.url?.slice(WITH_QUERY.length) ?? '');
  if (keyText === null || question === null) return null;
  // With the same object shape as in `verify`: several shapes would make each verification slower (inline caches).
  const { workspaceId, permissions, cost } = question;
  return { keyText, workspaceId, permissions, cost };
}

function compose(verdict: Verdict): RawResponse {
  const requestId = newRequestId();
  const answer = bodyOf(verdict);
  const fields = rateLimitFields(verdict.quota);
  return isFailure(answer)
    ? failureResponse(answer, requestId, undefined, fields)
    : rawResponse(checkApiKey.status, answer, requestId, fields);
}

/** Cached by key object: the answer for a valid key stays the same as long as the key object does. */
const bodies = new WeakMap<Key, RawBody>();

function bodyOf(verdict: Verdict): RawBody | Failure {
  const { code, key } = verdict;
  const known = code === 'VALID' && key ? bodies.get(key) : undefined;
  if (known !== undefined) return known;
  const answer = presentCheck(verdict);
  if ('code' in answer) return answer;
  const body = successBody(answer);
  if (key) bodies.set(key, body);
  return body;
}

function isFailure(answer: RawBody | Failure): answer is Failure {
  return typeof answer === 'object' && 'code' in answer;
}

/** The permissions and cost that a check asks about. */
export type CheckQuestion = Omit<VerifyInput, 'keyText'>;

type CheckQuery = QueryOf<typeof checkApiKey>;

/** Cached queries: a gateway repeats a small number of them. */
const CACHED_MAX = 256;
const QUERY_LENGTH_MAX = 512;

/** The question in a valid query. Throws VALIDATION_FAILED for a permission that is not in the catalogue. */
export function readQuestion({ permissions, cost = 1 }: CheckQuery, catalogue: Catalogue): CheckQuestion {
  return { workspaceId: null, permissions: parsePermissions(permissions, catalogue), cost };
}

/**
 * Reads the question from the query of a check on the fast path. Null if the routed path has to answer: a long
 * query, a repeated parameter, a named workspace, and every query that is answered with 400.
 */
function questionReader(catalogue: Catalogue): (query: string) => CheckQuestion | null {
  const validate = lazyValidator(querySchemaOf(checkApiKey), 'querystring');
  const cached = new Map<string, CheckQuestion>();
  const read = (query: string): CheckQuestion | null => {
    const parameters = new URLSearchParams(query);
    const named: CheckQuery = Object.fromEntries(parameters);
    const isPlain = parameters.size === Object.keys(named).length && named.workspaceId === undefined;
    return isPlain && validate(named) === null ? readQuestion(named, catalogue) : null;
  };
  return (query) => {
    if (query.length > QUERY_LENGTH_MAX) return null;
    const known = cached.get(query);
    if (known) return known;
    const question = attempt(() => read(query));
    if (question && cached.size >= CACHED_MAX) cached.clear();
    if (question) cached.set(query, question);
    return question;
  };
}

function attempt(read: () => CheckQuestion | null): CheckQuestion | null {
  try {
    return read();
  } catch {
    return null;
  }
}
