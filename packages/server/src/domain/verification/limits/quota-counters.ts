import type { Key } from '../../keys/key.ts';

/** The remaining quota of a limit after a call. */
export interface LimitState {
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until some of the used quota is available again, rounded up; 0: none is used. */
  readonly resetSeconds: number;
}

/** The state of both limits; null: the key does not have the limit. */
export interface QuotaState {
  readonly minute: LimitState | null;
  readonly day: LimitState | null;
  /** Seconds, at least 1, when quota was denied; else null. */
  readonly retryAfterSeconds: number | null;
}

/** Milliseconds of a wait in whole seconds, at least 1. */
export function waitSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1_000));
}

export type LimitedKey = Pick<Key, 'id' | 'workspaceId' | 'rateLimit'>;

export const NO_QUOTA: QuotaState = { minute: null, day: null, retryAfterSeconds: null };

/**
 * Counts calls against the limits of keys. `now` is the time of day in milliseconds since 1970, which determines the UTC
 * day of a call. Minutes are measured by a monotonic clock, or by the clock of a store that several instances share.
 *
 * Each answer is returned at once where that is possible; a promise means that a store has to be asked. It rejects with
 * UNAVAILABLE when that does not answer within a second, and then nothing is taken.
 */
export interface QuotaCounters {
  /**
   * Takes `cost` from both limits of the key, or from neither and returns `retryAfterSeconds`. Concurrent calls never take
   * more than the limits allow in total. A cost of 0 takes nothing and is never denied.
   */
  spend(key: LimitedKey, cost: number, now: number): QuotaState | Promise<QuotaState>;

  /** What `spend` would return. Takes nothing from the limits. */
  peek(key: LimitedKey, cost: number, now: number): QuotaState | Promise<QuotaState>;

  /** Drops keys that have been idle for longer than a minute; some may be kept while they hold a lease. */
  sweep(now: number): Promise<void>;

  /** Returns all unspent leases to the store. Do not call `spend` afterwards. */
  close(): Promise<void>;
}
