import type { MonotonicClock } from '../domain/shared/clock.ts';
import {
  MINUTE_WINDOW_MS,
  MinuteWindows,
  type Window,
} from '../domain/verification/limits/minute-windows.ts';
import { type LimitState, waitSeconds } from '../domain/verification/limits/quota-counters.ts';
import type { Entry, EntryVerdict } from './entries.ts';
import type { StoreClient } from './store-client.ts';

/** What an instance does with keys that have a limit per minute while the counter store does not answer. */
export type WhenDown = 'share' | 'deny' | 'allow';

/** Runs a wait for the store, and returns its result. */
export type Waiting = <T>(wait: () => Promise<T>) => Promise<T>;

/** Milliseconds after the last answer of the store for which what it has counted is taken into account. */
const KNOWN_MS = 15_000;
/** `retryAfter` of a denial by `deny`. */
const DENIED_MS = 1_000;

/** What this instance knows of the minute limit of a key. Instants are those of the monotonic clock. */
interface KeyState {
  /** What this instance has admitted in the last minute. */
  readonly own: Window;
  /** The cost that counted at the last answer of the store. */
  used: number;
  answeredAt: number;
  /** When some of `used` no longer counts. */
  resetAt: number;
  /** Cost that was admitted without the store, and is not part of `used`. */
  usedSince: number;
  /** What the store denies for now: a cost of at least `cost`, under a limit of at most `limit`. */
  exhausted: { readonly cost: number; readonly limit: number; readonly until: number } | null;
}

/** A decision by the minute limit. */
export interface MinuteAnswer {
  readonly state: LimitState;
  /** Milliseconds; 0: admitted. */
  readonly waitMs: number;
}

/**
 * Counts calls per minute in a store that all instances share. A decision waits for one message to the store, which all
 * decisions of a moment share. A key that the store has denied is denied without a message for as long as the store said.
 *
 * While the store does not answer within 100 milliseconds, `whenDown` decides: `deny` and `allow` do what they say, `share`
 * lets each instance admit its part of the limit. With that, at most 2 - 1/N of a limit is admitted in a minute by N instances.
 */
export class SharedMinutes {
  readonly #client: StoreClient;
  readonly #clock: MonotonicClock;
  readonly #whenDown: WhenDown;
  readonly #waiting: Waiting;
  readonly #windows = new MinuteWindows();
  readonly #keys = new Map<string, KeyState>();
  /** Calls that were decided without the store since the start. */
  decidedAlone = 0;

  constructor(client: StoreClient, clock: MonotonicClock, whenDown: WhenDown, waiting: Waiting) {
    this.#client = client;
    this.#clock = clock;
    this.#whenDown = whenDown;
    this.#waiting = waiting;
    client.onReturned = (keyId) => {
      const state = this.#keys.get(keyId);
      if (state) state.exhausted = null;
    };
  }

  /** The denial that the store has given before, if it still holds; else null. */
  deniedBefore(keyId: string, limit: number, cost: number): MinuteAnswer | null {
    const state = this.#keys.get(keyId);
    const exhausted = state?.exhausted;
    if (!state || !exhausted) return null;
    const waitMs = exhausted.until - this.#clock.monotonic();
    if (waitMs <= 0 || cost < exhausted.cost || limit > exhausted.limit) return null;
    return this.#answerOf(state, limit, cost > limit ? MINUTE_WINDOW_MS : waitMs);
  }

  spend(keyId: string, limit: number, cost: number): MinuteAnswer | Promise<MinuteAnswer> {
    if (cost === 0 || cost > limit) return this.peek(keyId, limit, cost);
    if (!this.#client.health.isReliable) return this.#judge(keyId, limit, cost, true);
    return this.#ask({ keyId, limit, cost, isTaken: true }, (verdict) => {
      if (!verdict) return this.#judge(keyId, limit, cost, true);
      const state = this.#learn(keyId, limit, verdict);
      if (verdict.isAdmitted) this.#countOwn(state, cost);
      const waitMs = verdict.isAdmitted ? 0 : Math.max(1, verdict.waitMs);
      return this.#answerOf(state, limit, waitMs);
    });
  }

  peek(keyId: string, limit: number, cost: number): MinuteAnswer | Promise<MinuteAnswer> {
    if (!this.#client.health.isReliable) return this.#judge(keyId, limit, cost, false);
    const possible = Math.min(cost, limit);
    return this.#ask({ keyId, limit, cost: possible, isTaken: false }, (verdict) => {
      if (!verdict) return this.#judge(keyId, limit, cost, false);
      const possibleWaitMs = cost === 0 ? 0 : verdict.waitMs;
      const waitMs = cost > limit ? MINUTE_WINDOW_MS : possibleWaitMs;
      return this.#answerOf(this.#learn(keyId, limit, verdict), limit, waitMs);
    });
  }

  /** What is known without a message. */
  lastKnown(keyId: string, limit: number): MinuteAnswer {
    const state = this.#keys.get(keyId);
    const isOld = !state || this.#clock.monotonic() >= state.resetAt;
    return isOld ? { state: stateOf(limit, 0, 0), waitMs: 0 } : this.#answerOf(state, limit, 0);
  }

  /** Drops what is known of keys that were not used for a minute. */
  sweep(): void {
    const at = this.#clock.monotonic();
    for (const [keyId, { own, answeredAt, exhausted }] of this.#keys) {
      const isUsed = at - answeredAt < MINUTE_WINDOW_MS || (exhausted?.until ?? 0) > at;
      if (isUsed || !this.#windows.isIdle(own, at)) continue;
      this.#keys.delete(keyId);
      this.#windows.giveBack(own);
    }
  }

  #of(keyId: string): KeyState {
    const known = this.#keys.get(keyId);
    if (known) return known;
    const never = Number.NEGATIVE_INFINITY;
    const state: KeyState = {
      own: this.#windows.take(),
      used: 0,
      answeredAt: never,
      resetAt: never,
      usedSince: 0,
      exhausted: null,
    };
    this.#keys.set(keyId, state);
    return state;
  }

  /** `decide` is called in the moment of the answer, since it changes what is known of the key. */
  #ask(
    entry: Omit<Entry, 'answer'>,
    decide: (verdict: EntryVerdict | null) => MinuteAnswer,
  ): Promise<MinuteAnswer> {
    const answered = () =>
      new Promise<MinuteAnswer>((resolve) => {
        this.#client.ask({ ...entry, answer: (verdict) => resolve(decide(verdict)) });
      });
    return this.#waiting(answered);
  }

  #learn(keyId: string, limit: number, verdict: EntryVerdict): KeyState {
    const { used, resetMs, waitMs, costAsked, askedAt } = verdict;
    const state = this.#of(keyId);
    state.used = used;
    state.answeredAt = this.#clock.monotonic();
    state.resetAt = askedAt + resetMs;
    // Calls that were decided without the store while its answer was on the way.
    state.usedSince = this.#client.corrections.pending(keyId, state.answeredAt);
    state.exhausted =
      waitMs > 0 && costAsked > 0 ? { cost: costAsked, limit, until: askedAt + waitMs } : null;
    return state;
  }

  #answerOf({ used, resetAt }: KeyState, limit: number, waitMs: number): MinuteAnswer {
    const resetMs = used === 0 ? 0 : Math.max(1, resetAt - this.#clock.monotonic());
    return { state: stateOf(limit, used, resetMs), waitMs };
  }

  /** Decides without the store. */
  #judge(keyId: string, limit: number, cost: number, isTaken: boolean): MinuteAnswer {
    if (isTaken) this.decidedAlone++;
    const state = this.#of(keyId);
    const at = this.#clock.monotonic();
    this.#windows.turnTo(state.own, at);
    const { room, waitMs } = this.#room(state, limit, cost, at);
    const isAdmitted = cost === 0 || cost <= room;
    if (isAdmitted && isTaken) {
      this.#countOwn(state, cost);
      state.usedSince += cost;
      this.#client.corrections.add(keyId, cost, at);
    }
    const remaining = Math.max(0, Math.min(limit, room) - (isAdmitted && isTaken ? cost : 0));
    return {
      state: stateOf(limit, limit - remaining, remaining === limit ? 0 : Math.max(waitMs, DENIED_MS)),
      waitMs: isAdmitted ? 0 : Math.max(1, waitMs),
    };
  }

  /** What this instance may still admit by itself, and how many milliseconds until it may admit the cost if it may not now. */
  #room(state: KeyState, limit: number, cost: number, at: number): { room: number; waitMs: number } {
    if (this.#whenDown === 'allow') return { room: Number.POSITIVE_INFINITY, waitMs: 0 };
    if (this.#whenDown === 'deny') return { room: 0, waitMs: DENIED_MS };
    const { instances, answeredAt, isRefilling } = this.#client.health;
    const knownMs = isRefilling ? 0 : answeredAt + KNOWN_MS - at;
    if (knownMs > 0) {
      const used = at - state.answeredAt < MINUTE_WINDOW_MS ? state.used : 0;
      // What no longer counts is in `usedSince` until the store answers about this key.
      const usedSince = Math.min(state.usedSince, this.#windows.used(state.own));
      return { room: Math.floor((limit - used) / instances) - usedSince, waitMs: knownMs };
    }
    const share = Math.floor(limit / instances);
    const waitMs = cost > share ? MINUTE_WINDOW_MS : this.#windows.msUntilUsed(state.own, share - cost, at);
    return { room: share - this.#windows.used(state.own), waitMs };
  }

  #countOwn({ own }: KeyState, cost: number): void {
    const at = this.#clock.monotonic();
    this.#windows.turnTo(own, at);
    this.#windows.add(own, cost, at);
  }
}

function stateOf(limit: number, used: number, resetMs: number): LimitState {
  return {
    limit,
    remaining: Math.max(0, limit - used),
    resetSeconds: resetMs === 0 ? 0 : waitSeconds(resetMs),
  };
}
