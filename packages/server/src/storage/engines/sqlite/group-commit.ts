import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { AppError } from '../../../domain/shared/app-error.ts';
import type { Tables } from '../../tables.ts';
import { TransactionCache } from '../../transaction-cache.ts';
import type { Work } from '../engine.ts';
import type { Connections } from './connections.ts';
import { DeferredWriteError, SqliteSavepoint, SqliteTransaction } from './transaction.ts';

/** The maximum number of units of work in one commit. */
const GROUP_MAX = 100;
/** The maximum number of waiting units of work. A further one fails at once with UNAVAILABLE, to bound the memory. */
const WAITING_MAX = 1_000;

/** Milliseconds that work waits to begin. Work that has begun has no time limit, so that its outcome is reported. */
const WAIT_MS_MAX = 5_000;

interface Waiting {
  /** Runs the work and returns the function that settles the promise of its caller, to be called after the commit. */
  readonly attempt: (...given: Parameters<Work<unknown>>) => Promise<() => void>;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: runs several units of work in one transaction, so that they share one sync of the disk. Units run one after
 * the other, each in its own savepoint, which is rolled back if the work rejects. If a deferred write fails, each unit of
 * the group is run again, in its own transaction.
 */
export class GroupCommit {
  readonly #connections: Connections;
  readonly #over: (connection: SqliteSavepoint) => Kysely<Tables>;
  #waiting: Waiting[] = [];
  #isRunning = false;
  /** Milliseconds of a monotonic clock; null if the last commit failed, or there was none. */
  #committedAt: number | null = null;

  /** `over`: Kysely over one connection. */
  constructor(connections: Connections, over: (connection: SqliteSavepoint) => Kysely<Tables>) {
    this.#connections = connections;
    this.#over = over;
  }

  /** As in `Database`. */
  hasCommittedWithin(ms: number): boolean {
    return this.#committedAt !== null && performance.now() - this.#committedAt <= ms;
  }

  /** As `Database.transact`. If the commit fails, the whole group is rolled back, and each call rejects with its error. */
  run<T>(work: Work<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length >= WAITING_MAX)
        throw new AppError('UNAVAILABLE', { message: 'Too many changes are waiting' });
      let isLate = false;
      const waitTimer = setTimeout(() => {
        isLate = true;
        reject(new AppError('UNAVAILABLE', { message: 'The change waited too long; nothing was changed' }));
      }, WAIT_MS_MAX);
      const attempt: Waiting['attempt'] = async (...given) => {
        clearTimeout(waitTimer);
        if (isLate) return () => {};
        const result = await work(...given);
        return () => resolve(result);
      };
      this.#waiting.push({
        attempt,
        reject(error) {
          clearTimeout(waitTimer);
          reject(error);
        },
      });
      if (!this.#isRunning) void this.#runAll();
    });
  }

  async #runAll(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      const group = this.#waiting.slice(0, GROUP_MAX);
      this.#waiting = this.#waiting.slice(GROUP_MAX);
      await this.#finish(group);
    }
    this.#isRunning = false;
  }

  async #finish(group: readonly Waiting[]): Promise<void> {
    try {
      await inTurns(await this.#commitTogether(group), (settle) => settle());
    } catch (error) {
      if (error instanceof DeferredWriteError && group.length > 1)
        for (const alone of group) await this.#finish([alone]);
      else for (const { reject } of group) reject(error instanceof DeferredWriteError ? error.cause : error);
    }
  }

  async #commitTogether(group: readonly Waiting[]): Promise<(() => void)[]> {
    const transaction = await SqliteTransaction.begin(this.#connections);
    const cache = new TransactionCache();
    try {
      const outcomes: (() => void)[] = [];
      await inTurns(group, async (waiting) => {
        outcomes.push(await this.#runInside(transaction, waiting, cache));
      });
      await transaction.commit();
      this.#committedAt = performance.now();
      return outcomes;
    } catch (error) {
      this.#committedAt = null;
      await transaction.rollback();
      throw error;
    }
  }

  /** Rejects only if the whole transaction has failed. */
  async #runInside(
    transaction: SqliteTransaction,
    { attempt, reject }: Waiting,
    cache: TransactionCache,
  ): Promise<() => void> {
    const savepoint = new SqliteSavepoint(transaction);
    try {
      return await attempt(this.#over(savepoint), cache, null);
    } catch (error) {
      savepoint.undo();
      cache.clear();
      return () => reject(error);
    } finally {
      savepoint.end();
    }
  }
}

/**
 * Calls `take` for each item, and yields to the event loop between items. After a yield, it does not yield again for as long
 * as that yield took, so that a group and other requests each get half of the processor.
 */
async function inTurns<T>(items: readonly T[], take: (item: T) => void | Promise<void>): Promise<void> {
  let turnEnds = 0;
  for (const [index, item] of items.entries()) {
    const now = performance.now();
    if (index > 0 && now > turnEnds) {
      await nextTurn();
      const back = performance.now();
      turnEnds = back + (back - now);
    }
    await take(item);
  }
}
