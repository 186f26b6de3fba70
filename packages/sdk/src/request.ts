import {
  asksAboutCredential,
  type BodyOf,
  type Endpoint,
  type ParamsOf,
  type QueryOf,
  STREAM_MEDIA_TYPE,
} from '@latchkey/contract';
import { type Answer, readAnswer } from './answer.ts';
import type { CredentialInit } from './credential.ts';
import { LatchkeyConnectionError, LatchkeyError, LatchkeyProtocolError } from './errors.ts';
import { retryDelayMs } from './retry.ts';

/** The input of a call to the endpoint. */
export interface CallInput<E extends Endpoint> {
  readonly params?: ParamsOf<E>;
  readonly query?: QueryOf<E>;
  readonly body?: BodyOf<E>;
  /**
   * 1–255 visible ASCII characters: the same call with the same value takes effect once in 24 hours. By default a random
   * value, if the endpoint accepts an idempotency key.
   */
  readonly idempotencyKey?: string;
  /** The version to change: VERSION_MISMATCH, and no change, if another one is current. */
  readonly ifMatch?: string;
}

export interface CreateOptions {
  /** A random value by default, so that retries create one object. Set it to make retries of another process safe too. */
  readonly idempotencyKey?: string;
}

export interface DryRunOption {
  /** Return what the call would return, or reject with its error, and change nothing. */
  readonly dryRun?: boolean;
}

export interface WaitOption {
  /**
   * Resolve once every instance of the service has confirmed the change, or after five seconds: `instances` in the result
   * has the time of each confirmation.
   */
  readonly wait?: boolean;
}

/** The query of a change with these options. */
export function changeQuery({
  dryRun = false,
  wait = false,
}: {
  readonly dryRun?: boolean | undefined;
  readonly wait?: boolean | undefined;
}): { dryRun?: true; wait?: true } {
  return { ...(dryRun && { dryRun }), ...(wait && { wait }) };
}

export interface RequesterOptions {
  readonly url: string;
  readonly credential: CredentialInit;
  readonly fetch: typeof fetch;
  readonly timeoutMs: number;
}

interface Call {
  readonly url: string;
  readonly init: RequestInit;
}

/** Calls the endpoints of the contract with one credential, which it does not expose. */
export class Requester {
  readonly #options: RequesterOptions;

  constructor(options: RequesterOptions) {
    this.#options = options;
  }

  /**
   * Calls the endpoint. Retries a call that is safe to repeat up to two times, if the service could not be reached or
   * asked for a retry soon. `timeoutMs` covers all attempts. Throws LatchkeyError if the service returned an error,
   * LatchkeyConnectionError without a response, and LatchkeyProtocolError for an invalid response.
   */
  async call<E extends Endpoint>(endpoint: E, given: CallInput<E>): Promise<Answer<E>> {
    const input = withIdempotencyKey(endpoint, given);
    const deadline = performance.now() + this.#options.timeoutMs;
    const call = this.#prepare(endpoint, input);
    for (let retries = 0; ; retries++) {
      try {
        return await this.#attempt(endpoint, call, deadline);
      } catch (error) {
        const delay = isRepeatable(endpoint, input) ? retryDelayMs(error, retries, Math.random()) : null;
        if (delay === null || performance.now() + delay >= deadline) throw error;
        await new Promise((resolve) => setTimeout(resolve, delay));
      }
    }
  }

  /**
   * Yields the lines of a streamed endpoint. `timeoutMs` limits the time until the response starts, not its duration.
   * Never retries. Throws the errors of `call`, and LatchkeyConnectionError if the stream ends early.
   */
  async *lines<E extends Endpoint & { readonly streamed: true }>(
    endpoint: E,
    input: CallInput<E>,
  ): AsyncGenerator<string, void, undefined> {
    const { url, init } = this.#prepare(endpoint, input);
    const response = await this.#begin(url, init);
    const mediaType = response.headers.get('content-type')?.split(';')[0];
    try {
      if (response.ok && response.body && mediaType === STREAM_MEDIA_TYPE) yield* linesOf(response.body);
      else readAnswer(endpoint, response, await response.text());
    } catch (error) {
      throw isOurs(error) ? error : this.#connectionError(error);
    }
  }

  /** Resolves when the response headers have arrived. */
  async #begin(url: string, init: RequestInit): Promise<Response> {
    const { fetch: send, timeoutMs } = this.#options;
    const abort = new AbortController();
    const timeout = new DOMException('The response did not start in time', 'TimeoutError');
    const timer = setTimeout(() => abort.abort(timeout), timeoutMs);
    try {
      return await send(url, { ...init, signal: abort.signal });
    } catch (error) {
      throw this.#connectionError(error);
    } finally {
      clearTimeout(timer);
    }
  }

  #prepare<E extends Endpoint>(endpoint: E, { params, query, body, ...input }: CallInput<E>): Call {
    const { headers, ...rest } = this.#options.credential;
    const { idempotencyKey, ifMatch } = input;
    const init: RequestInit = {
      ...rest,
      method: endpoint.method,
      redirect: 'manual',
      headers: {
        accept: endpoint.streamed ? `${STREAM_MEDIA_TYPE}, application/json` : 'application/json',
        ...headers,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        ...(ifMatch !== undefined && { 'if-match': ifMatch }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    };
    return { url: this.#options.url + pathOf(endpoint.path, fields(params)) + queryOf(query), init };
  }

  async #attempt<E extends Endpoint>(endpoint: E, { url, init }: Call, deadline: number): Promise<Answer<E>> {
    // Taken from the options first: a browser's fetch throws when it is called as a method of another object.
    const { fetch: send } = this.#options;
    const signal = AbortSignal.timeout(Math.max(0, Math.ceil(deadline - performance.now())));
    const { response, text } = await send(url, { ...init, signal })
      .then(async (answer) => ({ response: answer, text: await answer.text() }))
      .catch((cause: unknown) => {
        throw this.#connectionError(cause);
      });
    return readAnswer(endpoint, response, text);
  }

  #connectionError(cause: unknown): LatchkeyConnectionError {
    const { url, timeoutMs } = this.#options;
    const isTimeout = cause instanceof Error && cause.name === 'TimeoutError';
    const what = isTimeout ? `did not answer within ${timeoutMs} ms` : `cannot be reached${reason(cause)}`;
    return new LatchkeyConnectionError(`Latchkey at ${url} ${what}`, { cause });
  }
}

/** Adds a random idempotency key to a call that creates an object, so that a retry does not create a second one. */
function withIdempotencyKey<E extends Endpoint>(endpoint: E, input: CallInput<E>): CallInput<E> {
  return endpoint.idempotent ? { idempotencyKey: crypto.randomUUID(), ...input } : input;
}

/** A call that verifies its own credential uses quota each time, so it is never retried. */
function isRepeatable(endpoint: Endpoint, input: { readonly idempotencyKey?: string }): boolean {
  if (input.idempotencyKey !== undefined) return true;
  return endpoint.method === 'GET' && !asksAboutCredential(endpoint);
}

function isOurs(error: unknown): boolean {
  return error instanceof LatchkeyError || error instanceof LatchkeyProtocolError;
}

function fields(values: object | undefined): ReadonlyMap<string, string> {
  const given = Object.entries(values ?? {}).filter(([, value]) => value !== undefined);
  return new Map(given.map(([name, value]) => [name, String(value)]));
}

function pathOf(template: string, params: ReadonlyMap<string, string>): string {
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => segment(name, params.get(name) ?? ''));
}

/** Throws TypeError for an empty or dot segment: URL parsers resolve dots even if they are encoded. */
function segment(name: string, value: string): string {
  if (/^\.{0,2}$/.test(value)) throw new TypeError(`${name} must not be "${value}"`);
  return encodeURIComponent(value);
}

/** Repeats the parameter for each value of a list. */
function queryOf(values: object | undefined): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(values ?? {}) as [string, unknown][])
    for (const one of [value].flat()) if (one !== undefined) parameters.append(name, String(one));
  return parameters.size === 0 ? '' : `?${parameters}`;
}

/** The reason from the runtime: a system error code, such as ECONNREFUSED, or a message. */
function reason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof Error)) return '';
  return ` (${'code' in cause ? String(cause.code) : cause.message})`;
}

/** Yields the lines of a body as they arrive, without line breaks. Text after the last line break is also a line. */
async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
    if (rest !== '') yield rest;
  } finally {
    await reader.cancel();
  }
}
