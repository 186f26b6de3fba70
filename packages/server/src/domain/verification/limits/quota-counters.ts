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

export type LimitedKey = Pick<Key, 'id' | 'workspaceId' | 'rateLimit'>;

export const NO_QUOTA: QuotaState = { minute: null, day: null, retryAfterSeconds: null };

/**
 * Counts calls against the limits of keys. `now` is the time of day in milliseconds since 1970, which determines the UTC
 * day of a call. Minutes are measured by the counters' own monotonic clock.
 */
export interface QuotaCounters {
  /**
   * Takes `cost` from both limits of the key, or from neither and returns `retryAfterSeconds`. Concurrent calls never take
   * more than the limits allow in total. A cost of 0 takes nothing and is never denied. Returns null and takes nothing when
   * the durable count must be read first: call `peek`, then `spend` again.
   */
  spend(key: LimitedKey, cost: number, now: number): QuotaState | null;

  /** What `spend` would return, after reading the durable count if needed. Takes nothing from the limits. */
  peek(key: LimitedKey, cost: number, now: number): Promise<QuotaState>;

  /** Drops keys that have been idle for longer than a minute; some may be kept while they hold a lease. */
  sweep(now: number): Promise<void>;

  /** Returns all unspent leases to the store. Do not call `spend` afterwards. */
  close(): Promise<void>;
}
