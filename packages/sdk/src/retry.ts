import { LatchkeyConnectionError, LatchkeyError, LatchkeyProtocolError } from './errors.ts';

const RETRIES_MAX = 2;
const BACKOFF_MS = 200;
/** Whoever is asked to wait longer than this is told so at once. */
const RETRY_AFTER_SECONDS_MAX = 5;

const PASSING_STATUSES: ReadonlySet<number> = new Set([429, 503]);
/** What a proxy answers by itself while the service behind it is away. */
const GATEWAY_STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * How long to wait, in milliseconds, before a call that failed with `error` is made again; null: not again. `random` is
 * in [0, 1) and spreads callers that failed together.
 */
export function retryDelayMs(error: unknown, retriesDone: number, random: number): number | null {
  if (retriesDone >= RETRIES_MAX || !isPassing(error)) return null;
  const askedSeconds = error instanceof LatchkeyError ? (error.retryAfterSeconds ?? 0) : 0;
  if (askedSeconds > RETRY_AFTER_SECONDS_MAX) return null;
  const backoffMs = BACKOFF_MS * 2 ** retriesDone;
  return askedSeconds * 1_000 + backoffMs * (0.5 + random / 2);
}

function isPassing(error: unknown): boolean {
  if (error instanceof LatchkeyConnectionError) return true;
  if (error instanceof LatchkeyProtocolError) return GATEWAY_STATUSES.has(error.status);
  return error instanceof LatchkeyError && error.retryable && PASSING_STATUSES.has(error.status);
}
