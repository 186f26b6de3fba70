import { AnySuccess, type Endpoint, Failure, type FailureBody, type ResultOf } from '@latchkey/contract';
import { LatchkeyError, LatchkeyProtocolError } from './errors.ts';
import { hasShape } from './shape.ts';

/** The response to a successful call. */
export interface Answer<E extends Endpoint> {
  readonly result: ResultOf<E>;
  /** For people. */
  readonly message: string;
  /** The version of the object; null if the endpoint has none. */
  readonly etag: string | null;
}

/**
 * Reads a response of the endpoint. Throws LatchkeyError if the service returned an error, and LatchkeyProtocolError if
 * the text is not a valid response of this endpoint, so that a malformed response never counts as a success.
 */
export function readAnswer<E extends Endpoint>(endpoint: E, response: Response, text: string): Answer<E> {
  const body = parseBody(response, text);
  if (isSuccess(endpoint, response, body)) return { ...body.data, etag: response.headers.get('etag') };
  if (isFailure(response, body)) throw errorFrom(response, body);
  throw new LatchkeyProtocolError(
    `The response (HTTP ${response.status}) is not a Latchkey response; check the url of the client`,
    response.status,
  );
}

function parseBody(response: Response, text: string): unknown {
  const { status } = response;
  if (response.type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    throw new LatchkeyProtocolError(
      `The response is a redirect (HTTP ${status}), which the client does not follow; check its url`,
      status,
    );
  }
  const mediaType = response.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') {
    throw new LatchkeyProtocolError(
      `The response (HTTP ${status}) has ${mediaType ? `the type ${mediaType}` : 'no media type'}, not JSON`,
      status,
    );
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new LatchkeyProtocolError(`The response (HTTP ${status}) is not valid JSON`, status);
  }
}

function isSuccess<E extends Endpoint>(
  endpoint: E,
  response: Response,
  body: unknown,
): body is { data: Omit<Answer<E>, 'etag'> } {
  return response.ok && isEnvelope(body) && hasShape(endpoint.result, body.data.result);
}

function isEnvelope(body: unknown): body is { data: { result: unknown } } {
  return hasShape(AnySuccess, body);
}

function isFailure(response: Response, body: unknown): body is FailureBody {
  return !response.ok && hasShape(Failure, body);
}

function errorFrom(response: Response, { data }: FailureBody): LatchkeyError {
  const { message, error } = data;
  const retryAfterSeconds = readSeconds(response.headers.get('retry-after'));
  return new LatchkeyError({ ...error, message, status: response.status, retryAfterSeconds });
}

/** Null if the header is absent or is not a number of seconds. */
function readSeconds(header: string | null): number | null {
  return header !== null && /^\d{1,9}$/.test(header) ? Number(header) : null;
}
