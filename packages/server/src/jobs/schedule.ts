/** How much longer than its run a job rests that may rest. */
const REST_FACTOR = 10;

/** Work that is done again and again beside the requests. */
export interface Job {
  readonly name: string;
  readonly everyMs: number;
  /** Not after the first interval, but at once. */
  readonly atStart?: boolean;
  /** It leaves out its times until it has rested ten times as long as its last run took, or this long. Left out: 0. */
  readonly restMaxMs?: number;
  /** Aborted: the service ends and would rather not wait. */
  run(signal: AbortSignal): Promise<void>;
}

/** Where a failed run is reported; the job is tried again at its next time. */
export type OnJobError = (job: string, error: unknown) => void;

/**
 * Runs the jobs on their intervals, each never beside itself. The function returned stops them and resolves when the
 * runs under way have ended.
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
