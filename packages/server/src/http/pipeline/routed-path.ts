import { AppError } from '../../domain/shared/app-error.ts';
import type { ReadBody } from '../json/read-body.ts';
import type { Admitted } from '../load/admission.ts';
import type { SchedulingClasses } from '../load/scheduling-class.ts';
import { securityFieldsAt } from '../pages/page.ts';
import type { AnswerLog } from './answer-log.ts';
import { toAppError } from './error-response.ts';
import { sendNdjson } from './ndjson.ts';
import { failureResponse, send } from './raw-response.ts';
import { guardRequest } from './request-guard.ts';
import { missOf } from './router.ts';
import { type RouteAnswer, type RouteRequest, type RunNeeds, runRoute } from './run-route.ts';

export interface RoutedNeeds extends RunNeeds {
  readonly schedulingClasses: SchedulingClasses;
  readonly answers: AnswerLog;
}

/** Answers an admitted request through the router: every page, and every call that is not on the fast path. Never rejects. */
export async function answerRouted(admitted: Admitted, needs: RoutedNeeds): Promise<void> {
  const { exchange } = admitted;
  const { request, response, requestId, url } = exchange;
  const { accept, upgrade } = request.headers;
  // An upgrade is ignored. The connection must close, since Node drops the bytes after the request in the same packet.
  if (upgrade !== undefined) response.shouldKeepAlive = false;
  const fields: Record<string, string> = {};
  try {
    const answer = await answerOf(admitted, fields, needs);
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
  needs.answers.answered(exchange, response.statusCode, 'routed');
}

async function answerOf(
  { exchange, match, body }: Admitted,
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
    readBody: async () => requireRead(body),
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

function requireRead(body: ReadBody | null): ReadBody {
  // The credential was unknown at admission, so the body was not read. A place is never held while a body arrives.
  if (!body) throw new AppError('UNAVAILABLE');
  return body;
}
