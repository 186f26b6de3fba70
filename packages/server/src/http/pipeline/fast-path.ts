import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { bodyLimitOf, bodySchemaOf, type Endpoint } from '@latchkey/contract';
import type { FastifyBaseLogger } from 'fastify';
import { type Caller, type ClientInfo, requirePermission } from '../../domain/shared/caller.ts';
import { ConnectionEnded, readBody } from '../json/read-body.ts';
import { parseStrictJson } from '../json/strict-json.ts';
import type { BodyBudget } from '../load/body-budget.ts';
import type { InvalidBodies } from '../load/invalid-bodies.ts';
import { classOf } from '../load/scheduling-class.ts';
import type { Tarpit } from '../load/tarpit.ts';
import { batchPerTick } from '../load/tick-batch.ts';
import { unitsOfBody, type WorkTurns } from '../load/work-turns.ts';
import { clientInfoOf } from './client-info.ts';
import { tokenOf } from './credentials.ts';
import { recordDenied } from './denied-call.ts';
import { isOurFailure, toAppError } from './error-response.ts';
import { readFastRequest } from './fast-request.ts';
import { failureResponse, type RawResponse, rawResponse, send, successBody } from './raw-response.ts';
import { newRequestId } from './response-headers.ts';
import type { Call, Route } from './route.ts';
import type { Services } from './services.ts';
import { lazyValidator, type Validator } from './validation.ts';
import { namedWorkspace, requireOwnWorkspace } from './workspace-guard.ts';

/** The common spellings; the framework handles the others. */
const CONTENT_TYPES = new Set(['application/json', 'application/json; charset=utf-8']);

export interface FastPathNeeds {
  readonly gate: Pick<Services, 'authenticator' | 'deniedCalls' | 'trustedProxies'>;
  readonly bodies: BodyBudget;
  readonly tarpit: Tarpit;
  readonly turns: WorkTurns;
  readonly invalidBodies: InvalidBodies;
  readonly log: FastifyBaseLogger;
}

interface PlainRoute extends Route {
  readonly validate: Validator;
}

interface Asked {
  readonly route: PlainRoute;
  readonly token: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * The fast path for frequent calls, which bypasses the framework: POST routes with a body, without parameters, that need a
 * permission. Requests with unusual header fields go to `next`, which runs the same routes.
 */
export function fastPath(
  routes: readonly Route[],
  needs: FastPathNeeds,
  next: RequestListener,
): RequestListener {
  const byPath = new Map(routes.map((route) => [route.endpoint.path, withValidator(route)]));
  const answerSoon = batchPerTick<Asked>((all) => {
    for (const asked of all) void answer(asked, needs);
  });
  return (request, response) => {
    const route = request.method === 'POST' ? byPath.get(request.url ?? '') : undefined;
    const token = route ? plainToken(route.endpoint, request) : null;
    if (!route || token === null) next(request, response);
    else answerSoon({ route, token, request, response });
  };
}

function withValidator(route: Route): PlainRoute {
  return { ...route, validate: lazyValidator(bodySchemaOf(route.endpoint), 'body') };
}

/** The bearer token of a plain request (see `readFastRequest`); null for any other request. */
function plainToken(endpoint: Endpoint, request: IncomingMessage): string | null {
  const plain = readFastRequest(request);
  // The framework checks whether the credential belongs to the workspace that the request names.
  if (namedWorkspace(request) !== null) return null;
  if (!plain || plain.contentType === null || !CONTENT_TYPES.has(plain.contentType)) return null;
  const length = Number(plain.contentLength);
  return length > 0 && length <= bodyLimitOf(endpoint) ? tokenOf(plain.authorization) : null;
}

async function answer({ route, token, request, response }: Asked, needs: FastPathNeeds): Promise<void> {
  const { gate, log, tarpit } = needs;
  const requestId = newRequestId();
  const { method, url = '' } = request;
  const startedAt = performance.now();
  const answerWith = (message: RawResponse): void => {
    send(response, message);
    const { status } = message;
    const ms = Math.round(performance.now() - startedAt);
    const address = gate.trustedProxies.clientOf(request);
    log[status >= 500 ? 'error' : 'debug']({ requestId, address, method, url, status, ms }, 'answered');
  };
  const fields = {};
  let caller: Caller | null = null;
  try {
    const client = clientInfoOf(request, requestId, gate.trustedProxies);
    caller = await gate.authenticator.authenticate(token, client);
    const { status, data } = await run({ route, request, caller, client, fields }, needs);
    answerWith(rawResponse(status, successBody(data), requestId, fields));
  } catch (error) {
    if (error instanceof ConnectionEnded) return;
    const failure = toAppError(error);
    if (isOurFailure(failure)) log.error({ requestId, err: failure.cause ?? failure }, 'request failed');
    if (caller) {
      recordDenied(gate.deniedCalls, caller, { method: method ?? '', url }, failure);
      needs.invalidBodies.count(caller, Number(request.headers['content-length']), failure);
    }
    const sendFailure = () => answerWith(failureResponse(failure, requestId, fields));
    if (caller) sendFailure();
    else tarpit.add(response, sendFailure);
  }
}

interface Identified {
  readonly route: PlainRoute;
  readonly request: IncomingMessage;
  readonly caller: Caller;
  readonly client: ClientInfo;
  readonly fields: Record<string, string>;
}

async function run(
  { route, request, caller, client, fields }: Identified,
  { bodies, turns, invalidBodies }: FastPathNeeds,
): Promise<{ status: number; data: object }> {
  const { endpoint, validate, handle } = route;
  if (endpoint.access.permission !== null) requirePermission(caller, endpoint.access.permission);
  const { workspaceId: className } = caller;
  const read = await readBody(request, {
    budget: bodies,
    className,
    limitBytes: bodyLimitOf(endpoint),
  });
  try {
    const units = unitsOfBody(read.bytes.length, endpoint.bodyValuesMax);
    const parsing = turns.take(classOf(caller), units);
    if (parsing) await parsing;
    invalidBodies.requireCredit(caller);
    const body = parseStrictJson(read.bytes, endpoint.bodyValuesMax);
    const validating = turns.take(classOf(caller), units / 2);
    if (validating) await validating;
    const error = validate(body);
    if (error) throw error;
    requireOwnWorkspace({ body }, caller);
    const setHeaders = (more: Readonly<Record<string, string>>) => void Object.assign(fields, more);
    const data = await handle({ caller, client, body, setHeaders } as Call<Endpoint>);
    return { status: endpoint.status, data };
  } finally {
    read.close();
  }
}
