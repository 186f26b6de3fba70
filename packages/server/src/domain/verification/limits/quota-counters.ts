import type { Key } from '../../keys/key.ts';

/** What is left of a limit after an answer. */
export interface LimitState {
  readonly limit: number;
  readonly remaining: number;
  /** Seconds until some of what was taken comes back, rounded up; 0: nothing was taken. */
  readonly resetSeconds: number;
}

/** Null: the key has no such limit. */
export interface QuotaState {
  readonly minute: LimitState | null;
  readonly day: LimitState | null;
  /** Seconds, at least 1, where quota was refused; else null. */
  readonly retryAfterSeconds: number | null;
}

export type LimitedKey = Pick<Key, 'id' | 'workspaceId' | 'rateLimit'>;

export const NO_QUOTA: QuotaState = { minute: null, day: null, retryAfterSeconds: null };

/** Would a limit that stands so let the cost through? */
export function fits(state: LimitState | null, cost: number): boolean {
  return state === null || cost === 0 || cost <= state.remaining;
}

/**
 * Counts calls against the limits of keys. `now` is the time of day, which says in which day of UTC a call is. Minutes
 * are measured by a monotonic clock of the counters' own.
 */
export interface QuotaCounters {
  /**
   * Takes `cost` from both limits of the key, or from neither and says when to come back. Calls at the same time never
   * take more than the limits allow together. Cost 0 takes nothing and is never refused. Null, and nothing taken, where
   * the durable count has to be asked first, as `peek` does.
   */
  spend(key: LimitedKey, cost: number, now: number): QuotaState | null;

  /** What `spend` answers once the durable count was asked. Takes nothing from the limits. */
  peek(key: LimitedKey, cost: number, now: number): Promise<QuotaState>;

  /** Lets go of keys that have not been used for a while: of what nobody needs, and of the rest where it is too much. */
  sweep(now: number): Promise<void>;

  /** Lets go of everything that was set aside and not spent. Nothing may be spent afterwards. */
  close(): Promise<void>;
}
