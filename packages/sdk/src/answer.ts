import { type Endpoint, Failure, type FailureBody, type ResultOf, Success } from '@latchkey/contract';
import { LatchkeyError, LatchkeyProtocolError } from './errors.ts';
import { hasShape } from './shape.ts';

/** What a call that succeeded was answered. */
export interface Answer<E extends Endpoint> {
  readonly result: ResultOf<E>;
  /** For people. */
  readonly message: string;
}

/**
 * Reads an answer of the endpoint. Throws LatchkeyError where the service refused, and LatchkeyProtocolError for
 * whatever is not an answer of this endpoint, so that nothing malformed ever passes for a success.
 */
export function readAnswer<E extends Endpoint>(endpoint: E, response: Response, text: string): Answer<E> {
  const body = parseBody(response, text);
  if (isSuccess(endpoint, response, body)) return body.data;
  if (isFailure(response, body)) throw refusal(response, body);
  throw new LatchkeyProtocolError(
    `The answer (HTTP ${response.status}) is not one of Latchkey's`,
    response.status,
  );
}

function parseBody(response: Response, text: string): unknown {
  const { status } = response;
  if (response.type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    throw new LatchkeyProtocolError(
      `The answer is a redirect (HTTP ${status}), which is never followed`,
      status,
    );
  }
  const mediaType = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') {
    throw new LatchkeyProtocolError(
      `The answer (HTTP ${status}) is ${mediaType ?? 'of no type'}, not JSON`,
      status,
    );
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new LatchkeyProtocolError(`The answer (HTTP ${status}) is not valid JSON`, status);
  }
}

function isSuccess<E extends Endpoint>(
  endpoint: E,
  response: Response,
  body: unknown,
): body is { data: Answer<E> } {
  return response.ok && hasShape(Success(endpoint.result), body);
}

function isFailure(response: Response, body: unknown): body is FailureBody {
  return !response.ok && hasShape(Failure, body);
}

function refusal(response: Response, { data }: FailureBody): LatchkeyError {
  const { message, error } = data;
  const retryAfterSeconds = readSeconds(response.headers.get('retry-after'));
  return new LatchkeyError({ ...error, message, status: response.status, retryAfterSeconds });
}

/** Null where the header is absent or is not a number of seconds. */
function readSeconds(header: string | null): number | null {
  return header !== null && /^\d{1,9}$/.test(header) ? Number(header) : null;
}
