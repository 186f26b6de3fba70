import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '../domain/shared/app-error.ts';
import type {
  ChangeFeed,
  ChangeListener,
  Invalidation,
  SharedChanges,
} from '../domain/shared/change-feed.ts';
import type { Clock, MonotonicClock } from '../domain/shared/clock.ts';
import type { ChangeLog } from './engines/engine.ts';

/** The change feed of one process. Calls the listeners synchronously, before `publish` returns. */
export class InProcessFeed implements ChangeFeed {
  readonly #listeners: ChangeListener[] = [];

  subscribe(listener: ChangeListener): void {
    this.#listeners.push(listener);
  }

  publish(changes: readonly Invalidation[]): void {
    if (changes.length === 0) return;
    for (const listener of this.#listeners) listener(changes);
  }
}

/** Milliseconds between the starts of two polls, and the least between them if callers wait for the next. */
const POLL_MS = 100;
const POLL_MS_MIN = 10;

/** By default, caches are used for this long after the start of the last poll that succeeded. */
export const LEASE_MS_DEFAULT = 10_000;

export interface PolledFeedNeeds {
  readonly log: Pick<ChangeLog, 'since'> & { onLost: () => void };
  readonly publish: (changes: readonly Invalidation[]) => void;
  readonly clock: Clock & MonotonicClock;
  readonly leaseMs: number;
}

/** The start of a poll, by both clocks: the monotonic one does not run while a machine is suspended. */
interface Start {
  readonly monotonic: number;
  readonly wall: number;
}

/** Publishes the changes of other instances, which it reads from the change log ten times a second. */
export class PolledFeed implements SharedChanges {
  readonly leaseMs: number;
  readonly #needs: PolledFeedNeeds;
  #snapshot: string | null = null;
  /** The start of the last poll that succeeded; null: none has. Kept when connections are lost: the lease goes on. */
  #polledAt: Start | null = null;
  /** Counts lost connections: a poll that began before does not count. */
  #losses = 0;
  #pending: Promise<void> | null = null;
  #following: Promise<void> | null = null;
  #lastStart = 0;
  #polls = 0;
  #changes = 0;
  /** Called with the receipts that were asked for, once all changes before them have been published. Must not throw. */
  onReceipts: (receipts: readonly string[]) => void = () => {};

  constructor(needs: PolledFeedNeeds) {
    this.#needs = needs;
    this.leaseMs = needs.leaseMs;
    needs.log.onLost = () => {
      this.#losses++;
      this.#snapshot = null;
    };
  }

  /** The number of changes that polls have read. */
  get changes(): number {
    return this.#changes;
  }

  /** The number of polls that have begun. */
  get polls(): number {
    return this.#polls;
  }

  /** Milliseconds since the start of the last poll that succeeded; infinite if there was none. */
  get lagMs(): number {
    if (this.#polledAt === null) return Number.POSITIVE_INFINITY;
    const { clock } = this.#needs;
    const wall = clock.now() - this.#polledAt.wall;
    return Math.max(clock.monotonic() - this.#polledAt.monotonic, wall);
  }

  isCurrent(): boolean {
    return this.lagMs < this.leaseMs;
  }

  async catchUp(): Promise<void> {
    // A pending poll has begun before this call, so that it may lack a change: the one after it has all.
    this.#following ??= this.#pollNext();
    await this.#following;
  }

  /** Reads the changes since the last poll and publishes them. Calls during a poll share it. Rejects if it fails. */
  poll(): Promise<void> {
    this.#pending ??= this.#poll().finally(() => {
      this.#pending = null;
    });
    return this.#pending;
  }

  /**
   * Polls until the signal is aborted. The first poll has succeeded when it resolves. Reports the first of several failures,
   * and the success after it.
   */
  async start(signal: AbortSignal, report: (error: unknown) => void): Promise<void> {
    await this.poll();
    void this.#repeat(signal, report);
  }

  async #repeat(signal: AbortSignal, report: (error: unknown) => void): Promise<void> {
    let isFailing = false;
    while (!signal.aborted) {
      await pause(POLL_MS, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
      try {
        await this.poll();
        if (isFailing) report(null);
        isFailing = false;
      } catch (error) {
        if (!isFailing) report(error);
        isFailing = true;
      }
    }
  }

  async #pollNext(): Promise<void> {
    await this.#pending?.catch(() => {});
    const rest = this.#lastStart + POLL_MS_MIN - this.#needs.clock.monotonic();
    if (rest > 0) await pause(rest);
    // The timer may have begun a poll meanwhile, before the last of those who wait has called.
    while (this.#pending !== null) await this.#pending.catch(() => {});
    this.#following = null;
    await this.poll().catch((cause: unknown) => {
      throw new AppError('UNAVAILABLE', { cause });
    });
  }

  async #poll(): Promise<void> {
    const { log, publish, clock } = this.#needs;
    // After a gap longer than the lease, nothing that was cached before is trusted.
    const isFresh = this.#snapshot !== null && this.isCurrent();
    const losses = this.#losses;
    const start = { monotonic: clock.monotonic(), wall: clock.now() };
    this.#lastStart = start.monotonic;
    this.#polls++;
    const { snapshot, changes, receipts } = await log.since(isFresh ? this.#snapshot : null);
    if (losses !== this.#losses) throw new Error('the connection was lost during a poll');
    // Cleared after the snapshot was taken: what is looked up from here on is not older than the snapshot.
    publish(isFresh ? changes : [{ kind: 'everything' }]);
    this.#changes += changes.length;
    this.#snapshot = snapshot;
    this.#polledAt = start;
    if (receipts.length > 0) this.onReceipts(receipts);
  }
}
