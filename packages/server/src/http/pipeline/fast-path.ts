import type { IncomingMessage, RequestListener } from 'node:http';
import { bodyLimitOf, type Endpoint } from '@latchkey/contract';
import type { Caller } from '../../domain/shared/caller.ts';
import { tokenOf } from '../auth/credentials.ts';
import { ConnectionEnded, type ReadBody, readBody } from '../json/read-body.ts';
import type { BodyBudget } from '../load/body-budget.ts';
import type { Tarpit } from '../load/tarpit.ts';
import type { PerTick } from '../load/tick-batch.ts';
import type { AnswerLog } from './answer-log.ts';
import { toAppError } from './error-response.ts';
import { type Exchange, exchangeOf } from './exchange.ts';
import { readFastRequest } from './fast-request.ts';
import { failureResponse, type RawResponse, send } from './raw-response.ts';
import { type BoundRoute, type RouteRequest, type RunNeeds, runRoute } from './run-route.ts';

/** The common spellings; the router's path handles the others. */
const CONTENT_TYPES = new Set(['application/json', 'application/json; charset=utf-8']);

export interface FastPathNeeds extends RunNeeds {
  readonly bodies: BodyBudget;
  readonly tarpit: Tarpit;
  readonly answers: AnswerLog;
  readonly perTick: PerTick;
}

interface Asked {
  readonly route: BoundRoute;
  readonly exchange: Exchange;
}

/**
 * The fast path for frequent calls, which bypasses admission and the router: the POST routes whose endpoint says `fastPath`.
 * Requests that `readFastRequest` does not accept go to `next`, which runs the same routes.
 */
export function fastPath(
  routes: readonly BoundRoute[],
  needs: FastPathNeeds,
  next: RequestListener,
): RequestListener {
  const fast = routes.filter(({ endpoint }) => endpoint.fastPath && endpoint.method === 'POST');
  const byPath = new Map(fast.map((route) => [route.endpoint.path, route]));
  const answerSoon = needs.perTick<Asked>((all) => {
    for (const asked of all) void answer(asked, needs);
  });
  return (request, response) => {
    const route = request.method === 'POST' ? byPath.get(request.url ?? '') : undefined;
    if (!route || !isFast(route.endpoint, request)) next(request, response);
    else answerSoon({ route, exchange: exchangeOf(request, response) });
  };
}

function isFast(endpoint: Endpoint, request: IncomingMessage): boolean {
  const fast = readFastRequest(request);
  if (!fast || fast.contentType === null || !CONTENT_TYPES.has(fast.contentType)) return false;
  const length = Number(fast.contentLength);
  return length > 0 && length <= bodyLimitOf(endpoint) && tokenOf(fast.authorization) !== null;
}

/** Never rejects. */
async function answer({ route, exchange }: Asked, needs: FastPathNeeds): Promise<void> {
  const { request, response, requestId } = exchange;
  const sendAnswer = (answer: RawResponse): void => {
    send(response, answer);
    needs.answers.answered(exchange, answer.status, 'fast');
  };
  const fields: Record<string, string> = {};
  const held: { caller?: Caller; body?: ReadBody } = {};
  const asked: RouteRequest = {
    exchange,
    params: undefined,
    query: {},
    fields,
    async readBody(className) {
      const limitBytes = bodyLimitOf(route.endpoint);
      held.body = await readBody(request, { budget: needs.bodies, className, limitBytes });
      return held.body;
    },
    identified(caller) {
      held.caller = caller;
    },
  };
  try {
    const answer = await runRoute(route, asked, needs);
    if (!('lines' in answer)) sendAnswer(answer);
  } catch (error) {
    if (error instanceof ConnectionEnded) return;
    const failure = toAppError(error);
    needs.answers.failed(requestId, failure);
    const sendFailure = () => sendAnswer(failureResponse(failure, requestId, undefined, fields));
    if (held.caller) sendFailure();
    else needs.tarpit.add(response, sendFailure);
  } finally {
    held.body?.close();
  }
}
