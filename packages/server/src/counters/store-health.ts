import { setTimeout as pause } from 'node:timers/promises';
import type { Clock, MonotonicClock } from '../domain/shared/clock.ts';
import { ANSWER_MS_MAX, type CounterStore, INSTANCE_ALIVE_MS, type Joined } from './counter-store.ts';
import { StoreClock } from './store-clock.ts';

/** Answers in a row that were void, until the store counts as gone. */
const FAILURES_MAX = 3;
/** Milliseconds without an answer after which the connection is replaced: its other end may be gone without a word. */
const PENDING_MS_MAX = 10_000;
/** Milliseconds that a start waits for the store. */
const START_MS_MAX = 1_000;
const START_RETRY_MS = 50;

export interface StoreHealthNeeds {
  readonly store: CounterStore;
  /** The id of this instance. */
  readonly instance: string;
  readonly clock: Clock & MonotonicClock;
  /** The number of live instances that the main database lists, at least 1. */
  readonly listed: () => number;
  /** The error with which the store is gone; null when it is back. */
  readonly report: (error: unknown) => void;
}

/** Whether the counts of the counter store can be relied on, and how many instances there are. */
export class StoreHealth {
  readonly #needs: StoreHealthNeeds;
  readonly #onNewEpoch: () => void;
  readonly #storeClock: StoreClock;
  #epoch: string | null = null;
  #instances = 1;
  /** When an answer first had a lower number; null: the last one had not. */
  #fewerSince: number | null = null;
  /** Answers in a row that were void; until the first one, the store counts as gone. */
  #failures = FAILURES_MAX;
  #isReportedGone = false;
  /** By the monotonic clock. Infinite while it is unknown what the store has lost. */
  #refillsUntil = Number.NEGATIVE_INFINITY;
  #answeredAt = Number.NEGATIVE_INFINITY;
  /** The store was not told yet that its clock was set. */
  #isClockSet = false;
  #joining: Promise<void> | null = null;
  /** The messages without an answer, the oldest first. */
  readonly #unanswered = new Set<{ readonly sentAt: number }>();

  /** `onNewEpoch` is called when the counts of the store are void. */
  constructor(needs: StoreHealthNeeds, onNewEpoch: () => void) {
    this.#needs = needs;
    this.#onNewEpoch = onNewEpoch;
    this.#storeClock = new StoreClock(needs.clock);
  }

  /** The epoch of the last answer to `join`; null: there was none. */
  get epoch(): string | null {
    return this.#epoch;
  }

  /**
   * The number of instances that may admit calls, this one included: those that were alive in the last ten seconds of answers,
   * or are listed. While the store is gone, only the list has instances that have started since.
   */
  get instances(): number {
    return Math.max(this.#instances, this.#needs.listed());
  }

  /** When the store last answered in time, by the monotonic clock. */
  get answeredAt(): number {
    return this.#answeredAt;
  }

  /** The last message was answered in time. */
  get isAnswering(): boolean {
    return this.#failures === 0;
  }

  /** The store answers, but has lost the counts of the last minute. */
  get isRefilling(): boolean {
    return this.#now() < this.#refillsUntil;
  }

  /** False: calls would not be answered, or not by all counts of the last minute. */
  get isReliable(): boolean {
    return this.#epoch !== null && this.#failures < FAILURES_MAX && !this.isRefilling;
  }

  /** Waits up to a second for the store. Without it the instance starts too. */
  async start(): Promise<void> {
    const ends = performance.now() + START_MS_MAX;
    let error: unknown = noAnswer();
    while (this.#epoch === null && performance.now() < ends) {
      // The first attempts fail while the connection is made, which is not reported.
      const joined = this.#join(false).catch((cause: unknown) => {
        error = cause;
      });
      await Promise.race([joined, pause(ANSWER_MS_MAX)]);
      if (this.#epoch === null) await pause(START_RETRY_MS);
    }
    if (this.#epoch === null) this.#reportGone(error);
  }

  /** Says again that this instance is alive. Replaces the connection if it does not answer. Resolves also if this fails. */
  async rejoin(): Promise<void> {
    const [oldest] = this.#unanswered;
    if (oldest && this.#now() - oldest.sentAt > PENDING_MS_MAX) this.#needs.store.reconnect();
    // The one before is still without an answer.
    if (this.#joining) this.fail(noAnswer());
    await this.#join(true).catch(() => {});
  }

  /** The answer of the store. Calls `onLate` if there is none within `ANSWER_MS_MAX`, and goes on waiting. */
  async send<T>(message: () => Promise<T>, onLate: () => void): Promise<T> {
    const sent = { sentAt: this.#now() };
    this.#unanswered.add(sent);
    const timer = setTimeout(onLate, ANSWER_MS_MAX);
    try {
      return await message();
    } finally {
      clearTimeout(timer);
      this.#unanswered.delete(sent);
    }
  }

  /**
   * The store has answered in time a message of its epoch. `storeNow` is its time in the answer. False if that shows that its clock
   * was set, so that its counts are wrong.
   */
  succeed(sentAt: number, storeNow: number): boolean {
    this.#failures = 0;
    this.#answeredAt = this.#now();
    if (this.#isReportedGone) this.#needs.report(null);
    this.#isReportedGone = false;
    if (!this.#storeClock.isSet(sentAt, storeNow)) return true;
    this.#isClockSet = true;
    this.distrust();
    return false;
  }

  /** The store has not answered, or not in time. */
  fail(error: unknown): void {
    this.#failures++;
    if (this.#failures >= FAILURES_MAX) this.#reportGone(error);
  }

  /** The store is not used until it has said what it has lost. */
  distrust(): void {
    this.#refillsUntil = Number.POSITIVE_INFINITY;
    void this.#join(true).catch(() => {});
  }

  #now(): number {
    return this.#needs.clock.monotonic();
  }

  #reportGone(error: unknown): void {
    if (!this.#isReportedGone) this.#needs.report(error);
    this.#isReportedGone = true;
  }

  #join(isCounted: boolean): Promise<void> {
    this.#joining ??= this.#joinOnce(isCounted).finally(() => {
      this.#joining = null;
    });
    return this.#joining;
  }

  /** `isCounted`: a failure counts. */
  async #joinOnce(isCounted: boolean): Promise<void> {
    const { store, instance } = this.#needs;
    const sentAt = this.#now();
    const isClockSet = this.#isClockSet;
    let isLate = false;
    const fail = (error: unknown) => {
      if (!isLate && isCounted) this.fail(error);
    };
    const onLate = () => {
      fail(noAnswer());
      isLate = true;
    };
    try {
      const joined = await this.send(() => store.join({ instance, epoch: this.#epoch, isClockSet }), onLate);
      if (isLate) return;
      if (isClockSet) this.#isClockSet = false;
      this.#believe(joined);
      this.succeed(sentAt, joined.now);
    } catch (error) {
      fail(error);
      throw error;
    }
  }

  #believe({ epoch, instances, refillMs }: Joined): void {
    if (epoch !== this.#epoch) this.#onNewEpoch();
    this.#epoch = epoch;
    this.#countInstances(instances);
    this.#refillsUntil = this.#now() + refillMs;
  }

  /** A lower number is believed after a while: after an outage, other instances first have to say that they are alive. */
  #countInstances(instances: number): void {
    const now = this.#now();
    if (instances >= this.#instances) this.#fewerSince = null;
    else this.#fewerSince ??= now;
    const isLower = this.#fewerSince !== null && now - this.#fewerSince >= INSTANCE_ALIVE_MS;
    if (instances > this.#instances || isLower) this.#instances = Math.max(1, instances);
  }
}

export function noAnswer(): Error {
  return new Error(`the counter store did not answer within ${ANSWER_MS_MAX} milliseconds`);
}
