import { AsyncLocalStorage } from 'node:async_hooks';
import { ERRORS } from '@latchkey/contract';
import {
  type Context,
  type Tracer as OtelTracer,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';
import { AppError } from '../domain/shared/app-error.ts';
import type { RequestSpan, SpanAttributes, Tracer } from '../domain/shared/telemetry.ts';

/** A tracer over the library. The asynchronous context has the span of the request that work is for. */
export class SpanTracer implements Tracer {
  readonly #tracer: OtelTracer;
  readonly #current = new AsyncLocalStorage<Span>();

  constructor(tracer: OtelTracer) {
    this.#tracer = tracer;
  }

  startRequest(name: string, attributes: SpanAttributes, traceparent: string | undefined): RequestSpan {
    const span = this.#tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, remote(traceparent));
    return {
      run: (work) => this.#current.run(span, work),
      end: (last) => end(span, last),
    };
  }

  async span<T>(name: string, attributes: SpanAttributes, work: () => Promise<T>): Promise<T> {
    const parent = this.#current.getStore();
    if (!parent?.isRecording()) return work();
    const context = trace.setSpan(ROOT_CONTEXT, parent);
    const span = this.#tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, context);
    try {
      const result = await this.#current.run(span, work);
      end(span, {});
      return result;
    } catch (error) {
      end(span, failureOf(error));
      throw error;
    }
  }
}

/** The trace of the client. Its `tracestate` is left out, because it may contain anything. */
function remote(traceparent: string | undefined): Context {
  const parent = parseTraceParent(traceparent ?? '');
  return parent ? trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true }) : ROOT_CONTEXT;
}

function end(span: Span, attributes: SpanAttributes): void {
  span.setAttributes(attributes);
  if ('error.type' in attributes) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

/** The kind of the error, but not its message, which may contain values. That a call is denied is not a failure. */
function failureOf(error: unknown): SpanAttributes {
  if (!(error instanceof AppError)) return { 'error.type': (error as Error).name };
  return ERRORS[error.code].status >= 500 ? { 'error.type': error.code } : {};
}
