import { LatchkeyConnectionError, LatchkeyError, LatchkeyProtocolError } from './errors.ts';

const RETRIES_MAX = 2;
const BACKOFF_MS = 200;
/** A longer Retry-After ends the call at once, so that the caller can decide. */
const RETRY_AFTER_SECONDS_MAX = 5;

const TEMPORARY_STATUSES: ReadonlySet<number> = new Set([429, 503]);
/** The statuses of a proxy whose upstream service is down. */
const GATEWAY_STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * The delay in milliseconds before a call that failed with `error` is retried; null for no retry. `random` in [0, 1) adds
 * jitter, so that callers that failed at the same time do not retry at the same time.
 */
export function retryDelayMs(error: unknown, retriesDone: number, random: number): number | null {
  if (retriesDone >= RETRIES_MAX || !isTemporary(error)) return null;
  const askedSeconds = error instanceof LatchkeyError ? (error.retryAfterSeconds ?? 0) : 0;
  if (askedSeconds > RETRY_AFTER_SECONDS_MAX) return null;
  const backoffMs = BACKOFF_MS * 2 ** retriesDone;
  return askedSeconds * 1_000 + backoffMs * (0.5 + random / 2);
}

function isTemporary(error: unknown): boolean {
  if (error instanceof LatchkeyConnectionError) return true;
  if (error instanceof LatchkeyProtocolError) return GATEWAY_STATUSES.has(error.status);
  return error instanceof LatchkeyError && error.retryable && TEMPORARY_STATUSES.has(error.status);
}
