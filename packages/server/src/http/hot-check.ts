import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { checkApiKey, ERRORS } from '@latchkey/contract';
import type { FastifyBaseLogger } from 'fastify';
import { AppError } from '../domain/shared/app-error.ts';
import { newId } from '../domain/shared/id.ts';
import type { Verdict, Verifier } from '../domain/verification/verifier.ts';
import { tokenOf } from './credentials.ts';
import { errorFields, failureBody } from './error-response.ts';
import { authorizationOfPlain } from './plain-request.ts';
import { presentCheck } from './present-check.ts';
import { rateLimitFields } from './rate-limit-fields.ts';
import { API_FIELDS } from './standing-fields.ts';

const STANDING = [...Object.entries(API_FIELDS).flat(), 'Content-Type', 'application/json; charset=utf-8'];
export interface HotNeeds {
  readonly verifier: Verifier;
  readonly log: FastifyBaseLogger;
  readonly isClosing: () => boolean;
}

const QUESTION = { workspaceId: null, permissions: [], cost: 1 };

/**
 * Answers `GET /api-keys/check` in front of the framework, which costs more than the verification itself. It takes only
 * requests that are like any other, and of these only what memory can answer at once; all else, and every other path,
 * goes to `next`, which answers the same question in the same words. So does everything once the service is closing,
 * since `next` then asks the clients to go.
 */
export function hotCheck(needs: HotNeeds, next: RequestListener): RequestListener {
  const { verifier, log, isClosing } = needs;
  return (request, response) => {
    const verdict = isCheck(request) && !isClosing() ? verdictAtOnce(request, verifier) : null;
    if (!verdict) return next(request, response);
    send(response, verdict);
    log.debug({ method: request.method, url: request.url, status: response.statusCode, ms: 0 }, 'answered');
  };
}

function isCheck({ method, url }: IncomingMessage): boolean {
  return url === checkApiKey.path && method === checkApiKey.method;
}

function verdictAtOnce(request: IncomingMessage, verifier: Verifier): Verdict | null {
  const authorization = authorizationOfPlain(request);
  const keyText = authorization === null ? null : tokenOf(authorization);
  return keyText === null ? null : verifier.verifyNow({ ...QUESTION, keyText });
}

function send(response: ServerResponse, verdict: Verdict): void {
  const requestId = newId('req');
  const answer = presentCheck(verdict);
  const isRefusal = answer instanceof AppError;
  const body = JSON.stringify(isRefusal ? failureBody(answer, requestId) : { success: true, data: answer });
  const fields = [...STANDING, 'X-Request-Id', requestId, 'Content-Length', String(Buffer.byteLength(body))];
  const quota = rateLimitFields(verdict.quota);
  add(fields, isRefusal ? { ...errorFields(answer), ...quota } : quota);
  response.writeHead(isRefusal ? ERRORS[answer.code].status : checkApiKey.status, fields).end(body);
}

function add(fields: string[], more: Readonly<Record<string, string>>): void {
  for (const name in more) fields.push(name, more[name] ?? '');
}
