/** A job with `restMaxMs` rests this many times as long as its last run took. */
const REST_FACTOR = 10;

/** Work that is repeated in the background. */
export interface Job {
  readonly name: string;
  readonly everyMs: number;
  /** True: the first run starts at once. Left out: after the first interval. */
  readonly atStart?: boolean;
  /** True: it runs once in the interval over all instances. Left out: on each instance. */
  readonly once?: true;
  /** False: a run would do nothing now, so that none is begun. Left out: it is always needed. */
  readonly isNeeded?: () => boolean;
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
    if (performance.now() >= restsUntil && job.isNeeded?.() !== false) running ??= run();
  };
  if (job.atStart) start();
  const timer = setInterval(start, job.everyMs);
  return async () => {
    clearInterval(timer);
    stop.abort();
    await running;
  };
}

/** The leases of jobs over all instances. */
export interface JobLeases {
  /** Takes a job for `heldMs` if it is due and no instance holds it. False otherwise. */
  takeJob(job: string, holder: string, heldMs: number): Promise<boolean>;
  /** Extends the time for which the holder has the job. False if it has it no longer. */
  keepJob(job: string, holder: string, heldMs: number): Promise<boolean>;
  /** Ends a run: the job is due again after `restMs`. */
  endJob(job: string, holder: string, restMs: number): Promise<void>;
}

/** Milliseconds after which another instance may run a job whose instance has died, and between two extensions. */
const HELD_MS = 60_000;
const KEEP_MS = 20_000;
/** Each instance looks this many times in an interval whether the job is due. */
const LOOKS = 6;

/**
 * The jobs for one of several instances: those with `once` run on the instance that takes their lease. If it dies, another
 * one runs the job at its next look. A run whose lease was lost is aborted.
 */
export function shareJobs(jobs: readonly Job[], leases: JobLeases | null, holder: string): Job[] {
  return jobs.map((job) => (job.once && leases ? shared(job, leases, holder) : job));
}

function shared({ name, everyMs, run, ...job }: Job, leases: JobLeases, holder: string): Job {
  const lookMs = everyMs / LOOKS;
  return {
    ...job,
    name,
    everyMs: lookMs,
    async run(signal) {
      if (!(await leases.takeJob(name, holder, HELD_MS))) return;
      const lost = new AbortController();
      const keep = async () => {
        if (!(await leases.keepJob(name, holder, HELD_MS))) lost.abort();
      };
      const keeping = setInterval(() => void keep().catch(() => lost.abort()), KEEP_MS);
      // After a failure, the next look runs it again.
      let restMs = 0;
      try {
        await run(AbortSignal.any([signal, lost.signal]));
        // Half a look less, so that the last look of the interval finds it due.
        if (!signal.aborted) restMs = Math.floor(everyMs - lookMs / 2);
      } finally {
        clearInterval(keeping);
        await leases.endJob(name, holder, restMs);
      }
    },
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
