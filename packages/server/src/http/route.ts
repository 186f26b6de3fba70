import type { BodyOf, Endpoint, ParamsOf, QueryOf, ResultOf } from '@latchkey/contract';
import type { AccountHolder } from '../domain/identity/account-holder.ts';
import type { Caller, Origin } from '../domain/shared/caller.ts';
import type { Idempotency } from '../domain/shared/idempotent.ts';

/** What a handler is given: everything checked, nothing of the framework. */
export interface Call<E extends Endpoint> {
  /** Who calls; there is nobody on endpoints that judge the credential themselves, or ask for none. */
  readonly caller: E['access'] extends { readonly credential: 'none' | 'subject' | 'account' }
    ? null
    : Caller;
  /** The owner of the account that the credential proves, for endpoints that are about the person. */
  readonly holder: E['access'] extends { readonly credential: 'account' }
    ? AccountHolder
    : AccountHolder | null;
  /** Where the call comes from; also there where nobody calls. */
  readonly origin: Origin;
  /** Aborted once nobody waits for the answer of a read any longer, or it has taken too long. */
  readonly signal: AbortSignal;
  readonly params: ParamsOf<E>;
  readonly query: QueryOf<E>;
  readonly body: BodyOf<E>;
  /** The bearer token, for endpoints whose subject is the credential. */
  readonly token: string;
  readonly idempotency: Idempotency | undefined;
  /** What If-Match asks for: one of these. */
  readonly expectedVersions: readonly number[] | undefined;
  /** Sets a header of the answer, also where the call fails afterwards. */
  setHeaders(headers: Readonly<Record<string, string>>): void;
}

export interface Answer<E extends Endpoint> {
  /** A short past-tense phrase for people. */
  readonly message: string;
  readonly result: ResultOf<E>;
}

/** An endpoint and what answers it. The types of the endpoint are checked where the route is made. */
export interface Route {
  readonly endpoint: Endpoint;
  readonly handle: (
    call: Call<Endpoint>,
  ) => Promise<{ readonly message: string; readonly result: unknown } | WrittenAnswer | Lines>;
}

/** An answer whose JSON is written already, in ASCII. */
export interface WrittenAnswer {
  readonly json: string;
}

/** The answer of a streamed endpoint, a line at a time. */
export interface Lines {
  readonly lines: AsyncIterable<string>;
}

export function route<E extends Endpoint>(endpoint: E, handle: (call: Call<E>) => Promise<Answer<E>>): Route {
  return { endpoint, handle: handle as unknown as Route['handle'] };
}

/** `route` for an answer that is asked for so often that it is written, not built. No type holds what it says. */
export function writtenRoute<E extends Endpoint>(
  endpoint: E,
  handle: (call: Call<E>) => Promise<WrittenAnswer>,
): Route {
  return { endpoint, handle: handle as unknown as Route['handle'] };
}

/** `route` for a streamed endpoint. What throws before the first line is answered as everywhere else. */
export function streamRoute<E extends Endpoint & { readonly streamed: true }>(
  endpoint: E,
  stream: (call: Call<E>) => AsyncIterable<string>,
): Route {
  const handle = async (call: Call<E>): Promise<Lines> => ({ lines: stream(call) });
  return { endpoint, handle: handle as unknown as Route['handle'] };
}
