import {
  ERRORS,
  type ErrorDetail,
  type FailureBody,
  type ProblemBody,
  redactSecrets,
} from '@latchkey/contract';
import { AppError, type Failure } from '../../domain/shared/app-error.ts';

const REALM = 'Bearer realm="latchkey"';
const PROBLEM_TYPE = 'application/problem+json';

/** Seconds. The delay is random, so that clients that were denied at the same time do not retry at the same time. */
const RETRY_AFTER_MIN = 1;
const RETRY_AFTER_SPREAD = 4;

/** The error for the caller. An error that is not an AppError is a bug and becomes INTERNAL without details. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError('INTERNAL', { cause: error });
}

/** Must the cause be logged for the operator, since it is a bug or a storage error? */
export function isOurFailure({ code, cause }: AppError): boolean {
  return code === 'INTERNAL' || (ERRORS[code].status >= 500 && cause !== undefined);
}

/** The body of the answer to a failed request: the failure envelope, or a problem (RFC 9457) if the client prefers it. */
export function errorContent(
  error: Failure,
  requestId: string,
  accept: string | undefined,
): { readonly type: string; readonly body: FailureBody | ProblemBody } {
  return prefersProblem(accept)
    ? { type: `${PROBLEM_TYPE}; charset=utf-8`, body: problemBody(error, requestId) }
    : { type: 'application/json; charset=utf-8', body: failureBody(error, requestId) };
}

function failureBody(error: Failure, requestId: string): FailureBody {
  const { code } = error;
  const message = publicMessage(error);
  const { retryable } = ERRORS[code];
  return {
    success: false,
    data: { message, error: { code, details: publicDetails(error), requestId, retryable } },
  };
}

function problemBody(error: Failure, requestId: string): ProblemBody {
  const { code } = error;
  const { status, retryable, message: title } = ERRORS[code];
  return {
    type: `urn:latchkey:error:${code}`,
    title,
    status,
    detail: publicMessage(error),
    instance: `urn:latchkey:request:${requestId}`,
    code,
    requestId,
    retryable,
    errors: publicDetails(error),
  };
}

/** The header fields of an error, without those that the answer has already. */
export function errorFields(error: Failure): Record<string, string> {
  const challenge = challengeOf(error);
  return {
    ...(challenge && { 'WWW-Authenticate': challenge }),
    ...(error.code === 'BODY_TOO_LARGE' && { Connection: 'close' }),
    ...(ERRORS[error.code].retryable && { 'Retry-After': String(retryAfterSeconds()) }),
  };
}

function retryAfterSeconds(): number {
  return RETRY_AFTER_MIN + Math.floor(Math.random() * RETRY_AFTER_SPREAD);
}

/** The message for the caller. Secrets in it are redacted, since a caller may send a key in the place of an id. */
export function publicMessage({ message }: Failure): string {
  return redactSecrets(message);
}

function publicDetails({ details }: Failure): ErrorDetail[] {
  return details.map(({ field, message }) => ({
    field: redactSecrets(field),
    message: redactSecrets(message),
  }));
}

/** RFC 6750, section 3. */
function challengeOf({ code, details }: Failure): string | null {
  switch (code) {
    case 'CREDENTIALS_MISSING':
    case 'SESSION_INVALID':
      return REALM;
    case 'CREDENTIALS_MALFORMED':
    case 'CREDENTIALS_IN_URL':
      return `${REALM}, error="invalid_request"`;
    case 'KEY_INVALID':
    case 'KEY_EXPIRED':
    case 'KEY_DISABLED':
    case 'KEY_REVOKED':
    case 'TOKEN_EXPIRED':
    case 'TOKEN_INVALID':
      return `${REALM}, error="invalid_token"`;
    case 'PERMISSION_DENIED':
      return `${REALM}, error="insufficient_scope"${scope(details.map(({ field }) => field))}`;
    default:
      return null;
  }
}

function scope(permissions: readonly string[]): string {
  return permissions.length > 0 ? `, scope="${permissions.join(' ')}"` : '';
}

const PROBLEM = 'application/problem+json';
const JSON_TYPES = ['application/json', 'application/*', '*/*'];
const PROBLEM_TYPES = [PROBLEM, 'application/*', '*/*'];

/** One element of the list; a comma inside of quotes does not end it. */
const ELEMENT = /(?:[^,"]|"(?:\\.|[^"\\])*")+/g;
const QUALITY = /;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*(?:;|$)/i;

/**
 * Does an Accept header (RFC 9110, section 12.5.1) prefer `application/problem+json` to `application/json`? Of two that
 * are equally good, the problem is preferred where the header names it.
 */
export function prefersProblem(accept = ''): boolean {
  const qualities = new Map((accept.match(ELEMENT) ?? []).map(readElement));
  const qualityOf = (types: readonly string[]): number =>
    qualities.get(types.find((type) => qualities.has(type)) ?? '') ?? 0;
  const problem = qualityOf(PROBLEM_TYPES);
  const json = qualityOf(JSON_TYPES);
  return problem > json || (problem > 0 && problem === json && qualities.has(PROBLEM));
}

/** A media type in lower case, and how good it is, from 0 to 1. A malformed weight counts as 1. */
function readElement(element: string): [type: string, quality: number] {
  const [type = ''] = element.split(';', 1);
  return [type.trim().toLowerCase(), Number(QUALITY.exec(element)?.[1] ?? 1)];
}
