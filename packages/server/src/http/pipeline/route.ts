import type { BodyOf, Endpoint, ParamsOf, QueryOf, ResultOf } from '@latchkey/contract';
import type { AccountHolder } from '../../domain/identity/account-holder.ts';
import type { Caller, ClientInfo } from '../../domain/shared/caller.ts';
import type { Idempotency } from '../../domain/shared/idempotent.ts';

/** The input of a handler: all parts are checked. */
export interface Call<E extends Endpoint> {
  /** The caller; null on endpoints that check the credential themselves or need none. */
  readonly caller: E['access'] extends { readonly credential: 'none' | 'subject' | 'account' }
    ? null
    : Caller;
  /** The owner of the account that the credential proves, for endpoints that are about the person. */
  readonly holder: E['access'] extends { readonly credential: 'account' }
    ? AccountHolder
    : AccountHolder | null;
  /** Client address, user agent and request id; set even if `caller` is null. */
  readonly client: ClientInfo;
  /** Aborted when the client of a read disconnects, or when the read takes too long. */
  readonly signal: AbortSignal;
  readonly params: ParamsOf<E>;
  readonly query: QueryOf<E>;
  readonly body: BodyOf<E>;
  /** The bearer token, for endpoints whose subject is the credential. */
  readonly token: string;
  readonly idempotency: Idempotency | undefined;
  /** The versions in If-Match, of which one must be the current one. */
  readonly expectedVersions: readonly number[] | undefined;
  /** Frees the place of the call among concurrent ones, since from now on it does no work but only waits. */
  freePlace(): void;
  /** Sets a header of the answer, even if the call fails afterwards. */
  setHeaders(headers: Readonly<Record<string, string>>): void;
}

export interface Answer<E extends Endpoint> {
  /** A short phrase in the past tense, for people. */
  readonly message: string;
  readonly result: ResultOf<E>;
}

/** An endpoint and its handler. `route` checks the handler against the types of the endpoint. */
export interface Route {
  readonly endpoint: Endpoint;
  readonly handle: (
    call: Call<Endpoint>,
  ) => Promise<{ readonly message: string; readonly result: unknown } | WrittenAnswer | Lines>;
}

/** An answer that is already serialized as JSON, in ASCII. */
export interface WrittenAnswer {
  readonly json: string;
}

/** The answer of a streamed endpoint: a stream of lines. */
export interface Lines {
  readonly lines: AsyncIterable<string>;
}

export function route<E extends Endpoint>(endpoint: E, handle: (call: Call<E>) => Promise<Answer<E>>): Route {
  return { endpoint, handle: handle as unknown as Route['handle'] };
}

/** `route` for a frequent answer that is written as JSON text for speed. The compiler cannot check its content. */
export function writtenRoute<E extends Endpoint>(
  endpoint: E,
  handle: (call: Call<E>) => Promise<WrittenAnswer>,
): Route {
  return { endpoint, handle: handle as unknown as Route['handle'] };
}

/** `route` for a streamed endpoint. An error before the first line is answered like any other failed call. */
export function streamRoute<E extends Endpoint & { readonly streamed: true }>(
  endpoint: E,
  stream: (call: Call<E>) => AsyncIterable<string>,
): Route {
  const handle = async (call: Call<E>): Promise<Lines> => ({ lines: stream(call) });
  return { endpoint, handle: handle as unknown as Route['handle'] };
}
