export type SpanAttributes = Readonly<Record<string, string | number>>;

/** The span of a request. */
export interface RequestSpan {
  /** Runs the work as a part of the request: what it passes to `Tracer.span`, later too, is a child. */
  run<T>(work: () => T): T;
  /** With `error.type` among the attributes, the request has failed. */
  end(attributes: SpanAttributes): void;
}

/**
 * Records what requests wait for. Without a collector there is no tracer, and then nothing is called. Names and attributes
 * follow the semantic conventions of OpenTelemetry, and are never of an input: no key, id, address, path or parameter.
 */
export interface Tracer {
  /** Starts the span of a request. `traceparent`: the header field of W3C Trace Context; if it is valid, its trace goes on. */
  startRequest(name: string, attributes: SpanAttributes, traceparent: string | undefined): RequestSpan;
  /** Runs the work in a span of the request that it is for. Outside of requests, and after their end, only runs the work. */
  span<T>(name: string, attributes: SpanAttributes, work: () => Promise<T>): Promise<T>;
}
