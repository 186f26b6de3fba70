/** The value of a metric for one set of labels. */
export interface Sample {
  readonly value: number;
  /** Few, and each of them of a fixed list, so that the number of series has a bound. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Of a histogram only: what follows its name, `_bucket`, `_sum` or `_count`. */
  readonly suffix?: string;
}

/** A metric of the service. It is only read when the metrics are. */
export interface Metric {
  /** In the style of Prometheus: with the base unit, and `_total` for a counter. */
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  samples(): readonly Sample[];
}

/** The upper bounds of durations, in seconds: from what memory takes to what clients wait for. */
const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Counts durations by upper bound. An observation allocates nothing. */
export class Durations {
  readonly #counts = new Float64Array(BOUNDS.length + 1);
  #sum = 0;

  observe(seconds: number): void {
    this.#sum += seconds;
    let bucket = 0;
    while (seconds > (BOUNDS[bucket] ?? Number.POSITIVE_INFINITY)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  /** The samples of a histogram. */
  samples(labels: Readonly<Record<string, string>>): Sample[] {
    let count = 0;
    const buckets = [...this.#counts].map((each, bucket) => {
      count += each;
      const le = String(BOUNDS[bucket] ?? '+Inf');
      return { suffix: '_bucket', labels: { ...labels, le }, value: count };
    });
    const sum = { suffix: '_sum', labels, value: this.#sum };
    return [...buckets, sum, { suffix: '_count', labels, value: count }];
  }
}

export type SpanAttributes = Readonly<Record<string, string | number>>;

/** The span of a request. */
export interface RequestSpan {
  /** Runs the work as a part of the request: what it passes to `Tracer.span`, later too, is a child. */
  run<T>(work: () => T): T;
  /** With `error.type` among the attributes, the request has failed. */
  end(attributes: SpanAttributes): void;
}

/**
 * Records the work that a request waits for. Without a collector there is no tracer. Names and attributes follow the
 * semantic conventions of OpenTelemetry, and never contain input: no key, id, address, path or parameter.
 */
export interface Tracer {
  /** Starts the span of a request. `traceparent`: the header field of W3C Trace Context; if it is valid, its trace goes on. */
  startRequest(name: string, attributes: SpanAttributes, traceparent: string | undefined): RequestSpan;
  /** Runs the work in a span of the request that it is for. Outside of requests, and after their end, only runs the work. */
  span<T>(name: string, attributes: SpanAttributes, work: () => Promise<T>): Promise<T>;
}
