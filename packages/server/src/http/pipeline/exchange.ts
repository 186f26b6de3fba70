import type { IncomingMessage, ServerResponse } from 'node:http';
import { pathOfTarget } from './request-guard.ts';
import { newRequestId } from './response-headers.ts';

/** A request with its response, and what every answer and every log line needs. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  /** Path and query. The authority of a target in absolute form is left out. */
  readonly url: string;
  /** Milliseconds, from `performance.now`. */
  readonly arrivedAt: number;
}

export function exchangeOf(request: IncomingMessage, response: ServerResponse): Exchange {
  const url = pathOfTarget(request.url ?? '');
  return { request, response, requestId: newRequestId(), url, arrivedAt: performance.now() };
}
