import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { RequestSpan, SpanAttributes, Tracer } from '../../domain/shared/telemetry.ts';
import type { Answer } from '../load/admission.ts';
import type { Match, Router } from './router.ts';

/** All other methods are one, since a client may choose any. */
const METHODS = new Set(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE']);

/** Records a span for each request, from its headers to the end of its answer. */
export class RequestSpans {
  readonly #tracer: Tracer;
  readonly #router: Router;
  readonly #spans = new WeakMap<IncomingMessage, RequestSpan>();

  constructor(tracer: Tracer, router: Router) {
    this.#tracer = tracer;
    this.#router = router;
  }

  listener(next: RequestListener): RequestListener {
    return (request, response) => {
      const span = this.#start(request);
      this.#spans.set(request, span);
      response.once('close', () => span.end(outcomeOf(response)));
      span.run(() => next(request, response));
    };
  }

  /** Answers as a part of the request again: a request that waited for its place is called by the one that left it. */
  resume(answer: Answer): Answer {
    return (admitted) => {
      const span = this.#spans.get(admitted.exchange.request);
      if (span) span.run(() => answer(admitted));
      else answer(admitted);
    };
  }

  #start(request: IncomingMessage): RequestSpan {
    const { method = '' } = request;
    const route = routeOf(this.#router.find(request));
    const isKnown = METHODS.has(method);
    const name = [isKnown ? method : 'HTTP', ...(route === null ? [] : [route])].join(' ');
    const attributes = {
      'http.request.method': isKnown ? method : '_OTHER',
      ...(route !== null && { 'http.route': route }),
    };
    // Node joins repeated fields of this name, which makes them invalid.
    return this.#tracer.startRequest(name, attributes, request.headers.traceparent as string | undefined);
  }
}

/** The pattern of the path, and not the path itself: a client may put a secret there by mistake. */
function routeOf(match: Match | null): string | null {
  if (match === null) return null;
  return 'page' in match ? match.page.path : match.route.endpoint.path;
}

function outcomeOf({ headersSent, statusCode }: ServerResponse): SpanAttributes {
  if (!headersSent) return { 'error.type': 'connection_closed' };
  const status = { 'http.response.status_code': statusCode };
  return statusCode < 500 ? status : { ...status, 'error.type': String(statusCode) };
}
