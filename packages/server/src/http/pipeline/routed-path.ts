import type { IncomingMessage } from 'node:http';
import { ENDPOINTS } from '@latchkey/contract';
import { AppError } from '../../domain/shared/app-error.ts';
import { bodyOf, type ReadBody } from '../json/read-body.ts';
import type { SchedulingClasses } from '../load/scheduling-class.ts';
import { securityFieldsAt } from '../pages/page.ts';
import type { AnswerLog } from './answer-log.ts';
import { toAppError } from './error-response.ts';
import type { Exchange } from './exchange.ts';
import { sendNdjson } from './ndjson.ts';
import { failureResponse, send } from './raw-response.ts';
import { guardRequest } from './request-guard.ts';
import { allowField, endpointsAt, routePathOf } from './route.ts';
import type { Match } from './router.ts';
import { type RouteAnswer, type RouteRequest, type RunNeeds, runRoute } from './run-route.ts';

export interface RoutedNeeds extends RunNeeds {
  readonly schedulingClasses: SchedulingClasses;
  readonly answers: AnswerLog;
}

/** Answers an admitted request through the router: every page, and every call that is not on the fast path. Never rejects. */
export async function answerRouted(
  exchange: Exchange,
  match: Match | null,
  needs: RoutedNeeds,
): Promise<void> {
  const { request, response, requestId, url } = exchange;
  const { accept, upgrade } = request.headers;
  // An upgrade is ignored. The connection must close, since Node drops the bytes after the request in the same packet.
  if (upgrade !== undefined) response.shouldKeepAlive = false;
  const fields: Record<string, string> = {};
  try {
    const answer = await answerOf(exchange, match, fields, needs);
    if ('lines' in answer) await sendNdjson(exchange, answer.lines, fields);
    else send(response, answer);
  } catch (error) {
    const failure = toAppError(error);
    needs.answers.failed(requestId, failure);
    // The body may have been cut by a wrong Content-Length: its rest must not be read as a request.
    if (failure.code === 'JSON_INVALID') response.shouldKeepAlive = false;
    if (response.headersSent) response.destroy();
    else send(response, failureResponse(failure, requestId, accept, { ...securityFieldsAt(url), ...fields }));
  }
  const status = response.statusCode;
  needs.answers.answered({ ...exchange, status, path: 'routed' });
}

async function answerOf(
  exchange: Exchange,
  match: Match | null,
  fields: Record<string, string>,
  needs: RoutedNeeds,
): Promise<RouteAnswer> {
  const { request, url } = exchange;
  guardRequest(request, request.url ?? '');
  if (!match) throw missOf(url, fields);
  if ('page' in match) return match.page.answer(exchange);
  const { route, params, query } = match;
  requireShort(params);
  const { schedulingClasses } = needs;
  const asked: RouteRequest = {
    exchange,
    params,
    query,
    fields,
    readBody: async () => storedBody(request),
    identified: (caller) => void schedulingClasses.remember(request, caller),
  };
  return runRoute(route, asked, needs);
}

/** Longer than any id, so that an id that is a little too long is denied by the schema of the endpoint. */
const PARAM_LENGTH_MAX = 1_024;

function requireShort(params: Readonly<Record<string, string | undefined>>): void {
  if (Object.values(params).some((value = '') => value.length > PARAM_LENGTH_MAX))
    throw new AppError('URL_TOO_LONG');
}

/** The body that was read at admission. */
function storedBody(request: IncomingMessage): ReadBody {
  const body = bodyOf(request);
  // The credential was unknown at admission, so the body was not read. A place is never held while a body arrives.
  if (!body) throw new AppError('UNAVAILABLE');
  return body;
}

/** The error of a request without a route: METHOD_NOT_ALLOWED with `Allow` if the path exists, else ROUTE_NOT_FOUND. */
function missOf(url: string, fields: Record<string, string>): AppError {
  const endpoints = endpointsAt(ENDPOINTS, url);
  if (endpoints.length === 0) return routeNotFound(url);
  fields.Allow = allowField(endpoints);
  return new AppError('METHOD_NOT_ALLOWED', { message: `This path answers to ${fields.Allow}` });
}

function routeNotFound(url: string): AppError {
  const path = routePathOf(url);
  const isSlashTooMany = path.endsWith('/') && endpointsAt(ENDPOINTS, path.slice(0, -1)).length > 0;
  return new AppError('ROUTE_NOT_FOUND', {
    ...(isSlashTooMany && { message: 'There is nothing at this path; leave out the slash at its end' }),
  });
}
