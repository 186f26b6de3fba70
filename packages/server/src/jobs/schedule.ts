/** A job with `restMaxMs` rests this many times as long as its last run took. */
const REST_FACTOR = 10;

/** Work that is repeated in the background. */
export interface Job {
  readonly name: string;
  readonly everyMs: number;
  /** True: the first run starts at once. Left out: after the first interval. */
  readonly atStart?: boolean;
  /** After a run the job rests ten times as long as it took, but at most this long (0 if left out), skipping runs. */
  readonly restMaxMs?: number;
  /** The signal is aborted when the service stops: the run should end soon. */
  run(signal: AbortSignal): Promise<void>;
}

/** Called when a run fails; the job runs again at its next time. */
export type OnJobError = (job: string, error: unknown) => void;

/**
 * Runs the jobs on their intervals; no job runs twice at once. The function returned stops them and resolves when the
 * current runs have ended.
 */
export function schedule(jobs: readonly Job[], onError: OnJobError): () => Promise<void> {
  const stops = jobs.map((job) => repeat(job, onError));
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}

function repeat(job: Job, onError: OnJobError): () => Promise<void> {
  const stop = new AbortController();
  let running: Promise<void> | null = null;
  let restsUntil = 0;
  const run = async (): Promise<void> => {
    const startedAt = performance.now();
    try {
      await job.run(stop.signal);
    } catch (error) {
      onError(job.name, error);
    } finally {
      const endedAt = performance.now();
      restsUntil = endedAt + Math.min(REST_FACTOR * (endedAt - startedAt), job.restMaxMs ?? 0);
      running = null;
    }
  };
  const start = () => {
    if (performance.now() >= restsUntil) running ??= run();
  };
  if (job.atStart) start();
  const timer = setInterval(start, job.everyMs);
  return async () => {
    clearInterval(timer);
    stop.abort();
    await running;
  };
}

type OnFailure = (error: unknown, name: string) => void;

/** Work that a request starts and whose end its response does not wait for. */
export class BackgroundWork {
  readonly #running = new Set<Promise<void>>();
  readonly #onFailure: OnFailure;

  constructor(onFailure: OnFailure) {
    this.#onFailure = onFailure;
  }

  /** Starts the work in a later turn of the event loop. A failure is reported to `onFailure` and not retried. */
  run(name: string, work: () => Promise<unknown>): void {
    const running = new Promise((resolve) => setImmediate(resolve))
      .then(work)
      .catch((error: unknown) => this.#onFailure(error, name))
      .then(() => void this.#running.delete(running));
    this.#running.add(running);
  }

  /** Resolves when nothing is running. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
