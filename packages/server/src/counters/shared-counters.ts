import type { MonotonicClock } from '../domain/shared/clock.ts';
import {
  type LimitedKey,
  NO_QUOTA,
  type QuotaCounters,
  type QuotaState,
  waitSeconds,
} from '../domain/verification/limits/quota-counters.ts';
import type { LeasedCounters } from './leased-counters.ts';
import { type MinuteAnswer, SharedMinutes, type Waiting, type WhenDown } from './shared-minutes.ts';
import type { StoreClient } from './store-client.ts';

/** Counts minutes in a store that all instances share, and days in leases. */
export class SharedCounters implements QuotaCounters {
  readonly #client: StoreClient;
  readonly #minutes: SharedMinutes;
  readonly #days: LeasedCounters;
  readonly #sweepStore: () => Promise<void>;

  /**
   * `days` count only days: their limits per minute are left out. `sweepStore` deletes what the store no longer needs. `waiting`
   * runs each wait of a verification for the store.
   */
  constructor(
    client: StoreClient,
    days: LeasedCounters,
    clock: MonotonicClock,
    {
      whenDown,
      sweepStore,
      waiting = (wait) => wait(),
    }: {
      readonly whenDown: WhenDown;
      readonly sweepStore: () => Promise<void>;
      readonly waiting?: Waiting | undefined;
    },
  ) {
    this.#client = client;
    this.#minutes = new SharedMinutes(client, clock, whenDown, waiting);
    this.#days = days;
    this.#sweepStore = sweepStore;
  }

  /** Calls that were decided without the store since the start. */
  get decidedAlone(): number {
    return this.#minutes.decidedAlone;
  }

  spend(key: LimitedKey, cost: number, now: number): QuotaState | Promise<QuotaState> {
    const limit = key.rateLimit.requestsPerMinute;
    if (limit === null) return this.#days.spend(key, cost, now);
    const denied = cost > 0 ? this.#minutes.deniedBefore(key.id, limit, cost) : null;
    if (denied) return this.#withDay(key, cost, now, denied);
    if (key.rateLimit.requestsPerDay === null)
      return then(this.#minutes.spend(key.id, limit, cost), (minute) => together(minute, NO_QUOTA));
    return then(this.#days.spend(daysOf(key), cost, now), (day) => {
      if (day.retryAfterSeconds !== null) return together(this.#minutes.lastKnown(key.id, limit), day);
      return then(this.#minutes.spend(key.id, limit, cost), (minute) => {
        if (minute.waitMs === 0) return together(minute, day);
        this.#days.refund(key.id, cost, now);
        return this.#withDay(key, cost, now, minute);
      });
    });
  }

  peek(key: LimitedKey, cost: number, now: number): QuotaState | Promise<QuotaState> {
    const limit = key.rateLimit.requestsPerMinute;
    if (limit === null) return this.#days.peek(key, cost, now);
    return then(this.#minutes.peek(key.id, limit, cost), (minute) => this.#withDay(key, cost, now, minute));
  }

  async sweep(now: number): Promise<void> {
    this.#minutes.sweep();
    await this.#days.sweep(now);
    if (this.#client.health.isReliable) await this.#sweepStore();
  }

  async close(): Promise<void> {
    try {
      await this.#days.close();
    } finally {
      await this.#client.close();
    }
  }

  /** The minute limit and the day of the key, of which nothing is taken. */
  #withDay(
    key: LimitedKey,
    cost: number,
    now: number,
    minute: MinuteAnswer,
  ): QuotaState | Promise<QuotaState> {
    if (key.rateLimit.requestsPerDay === null) return together(minute, NO_QUOTA);
    // At cost 0, so that no lease is taken for a call that the minute limit denies.
    const dayCost = minute.waitMs > 0 ? 0 : cost;
    return then(this.#days.peek(daysOf(key), dayCost, now), (day) => {
      const isSpent = day.day !== null && day.day.remaining < cost;
      return together(minute, isSpent ? { ...day, retryAfterSeconds: day.day?.resetSeconds ?? null } : day);
    });
  }
}

function daysOf(key: LimitedKey): LimitedKey {
  return { ...key, rateLimit: { ...key.rateLimit, requestsPerMinute: null } };
}

function together({ state, waitMs }: MinuteAnswer, { day, retryAfterSeconds }: QuotaState): QuotaState {
  const minuteWait = waitMs === 0 ? null : waitSeconds(waitMs);
  const wait = Math.max(minuteWait ?? 0, retryAfterSeconds ?? 0);
  return { minute: state, day, retryAfterSeconds: wait === 0 ? null : wait };
}

/** Goes on at once with a value that is there. */
function then<T, R>(value: T | Promise<T>, next: (value: T) => R | Promise<R>): R | Promise<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
