import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { AppError } from '../domain/shared/app-error.ts';
import { type Database, DeferredWriteError, type Transaction } from './engines/engine.ts';
import { GroupMemory } from './group-memory.ts';
import type { Tables } from './tables.ts';

/** Work that may share one commit: as many callers do not wait for one disk. */
const GROUP_MAX = 100;
/** Work that may wait. Beyond that it is refused at once, before memory grows. */
const WAITING_MAX = 1_000;

/** Milliseconds that work waits to begin. Once it has begun, how it ends is told truthfully, whenever that is. */
const WAIT_MS_MAX = 5_000;

type Work<T> = (db: Kysely<Tables>, memory: GroupMemory) => Promise<T>;

interface Waiting {
  /** Runs the work and resolves with what tells its caller; it is told once the group is committed, never before. */
  readonly attempt: (...given: Parameters<Work<unknown>>) => Promise<() => void>;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs work in transactions of which several share one commit, so that the disk is waited for once. Each piece of work has
 * the database to itself while it runs and undoes only itself where it rejects. What it hands over it does not wait for:
 * where that fails, the work of the group is run once more, each piece in a transaction of its own.
 */
export class GroupCommit {
  readonly #database: Pick<Database, 'begin'>;
  #waiting: Waiting[] = [];
  #isRunning = false;
  /** Milliseconds of a clock that never jumps; null where the last commit failed, or there was none. */
  #committedAt: number | null = null;

  constructor(database: Pick<Database, 'begin'>) {
    this.#database = database;
  }

  /** Did the last commit succeed, at most so many milliseconds ago? */
  hasCommittedWithin(ms: number): boolean {
    return this.#committedAt !== null && performance.now() - this.#committedAt <= ms;
  }

  /**
   * Resolves when the work is durable, in the order in which it ran. Rejects with the work's own error, or with that of
   * the commit, which undoes the whole group; UNAVAILABLE, and nothing done, where too much is waiting already or it has
   * waited for five seconds.
   */
  run<T>(work: Work<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length >= WAITING_MAX)
        throw new AppError('UNAVAILABLE', { message: 'Too many changes are waiting' });
      let isLate = false;
      const patience = setTimeout(() => {
        isLate = true;
        reject(new AppError('UNAVAILABLE', { message: 'The change waited too long; nothing was changed' }));
      }, WAIT_MS_MAX);
      const attempt: Waiting['attempt'] = async (...given) => {
        clearTimeout(patience);
        if (isLate) return () => {};
        const result = await work(...given);
        return () => resolve(result);
      };
      this.#waiting.push({
        attempt,
        reject(error) {
          clearTimeout(patience);
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
      await inTurns(await this.#commitTogether(group), (tell) => tell());
    } catch (error) {
      if (error instanceof DeferredWriteError && group.length > 1)
        for (const alone of group) await this.#finish([alone]);
      else for (const { reject } of group) reject(error instanceof DeferredWriteError ? error.cause : error);
    }
  }

  async #commitTogether(group: readonly Waiting[]): Promise<(() => void)[]> {
    const transaction = await this.#database.begin();
    const memory = new GroupMemory();
    try {
      const outcomes: (() => void)[] = [];
      await inTurns(group, async (waiting) => {
        outcomes.push(await runInside(transaction, waiting, memory));
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
}

/**
 * Takes one after the other, and after each of them gives way to what else has come, unless it has had less time so far than
 * that took: a group leaves half of the processor to others, and has the other half where they would take it all.
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

/** Rejects only where the whole transaction is lost. */
async function runInside(
  transaction: Transaction,
  { attempt, reject }: Waiting,
  memory: GroupMemory,
): Promise<() => void> {
  const scope = transaction.scope();
  try {
    return await attempt(scope.db, memory);
  } catch (error) {
    scope.undo();
    memory.clear();
    return () => reject(error);
  } finally {
    scope.end();
  }
}
