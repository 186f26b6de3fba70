import { setTimeout as pause } from 'node:timers/promises';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';
import type { Tracer } from '../domain/shared/telemetry.ts';
import { SpanTracer } from './span-tracer.ts';

/** Milliseconds for which `close` waits for the collector. */
const FLUSH_MS_MAX = 1_000;

/** A tracer with its connection to the collector. */
export interface Tracing {
  readonly tracer: Tracer;
  /** Sends the spans that have not been sent. Resolves within a second, also if the collector does not answer. */
  close(): Promise<void>;
}

/**
 * Sends spans to the collector that the environment names, as JSON (OTLP over HTTP). Sampler, headers, limits and the resource
 * are those of the environment too, by the standard variables. `report`: called with the first of several failures to send, and
 * with null after them. Spans that cannot be sent are lost; no request waits for them.
 */
export function openTracing(report: (error: unknown) => void): Tracing {
  const exporter = new ReportingExporter(report);
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': 'latchkey' }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  return {
    tracer: new SpanTracer(provider.getTracer('latchkey')),
    async close() {
      const flushed = provider.shutdown().catch(report);
      // Without `ref`, since the pause would keep a process running whose spans are sent.
      await Promise.race([flushed, pause(FLUSH_MS_MAX, undefined, { ref: false })]);
    },
  };
}

/** The exporter of the library, whose failures are reported instead of passed to its global handler. */
class ReportingExporter implements SpanExporter {
  readonly #exporter = new OTLPTraceExporter();
  readonly #report: (error: unknown) => void;
  #isFailing = false;

  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#exporter.export(spans, ({ error }) => {
      if (error ? !this.#isFailing : this.#isFailing) this.#report(error ?? null);
      this.#isFailing = error !== undefined;
      done({ code: ExportResultCode.SUCCESS });
    });
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }
}
