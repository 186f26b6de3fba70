import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { AppError } from '../../../domain/shared/app-error.ts';
import type { Tables } from '../../tables.ts';
import { TransactionCache } from '../../transaction-cache.ts';
import type { Work } from '../engine.ts';
import { ConnectionLost, codeOf, isConflict, UNIQUE_VIOLATION } from './errors.ts';
import type { PostgresPools } from './pools.ts';
import { PostgresUnit } from './unit.ts';

/** The maximum number of runs of one unit of work. */
const RUNS_MAX = 5;
/** Milliseconds between two runs, or two questions for an outcome. */
const PAUSE_MS = 50;
/** Milliseconds in which the outcome of a commit must be found. */
const SETTLE_MS_MAX = 5_000;

/**
 * Takes the id of the operation, unless its transaction has committed. If that transaction is still running, waits for its
 * end: from then on, it can no longer commit.
 */
const TAKE_OPERATION = `insert into operations (id, committed_at)
  values ($1, (extract(epoch from now()) * 1000)::bigint) on conflict (id) do nothing`;

/** Why a unit of work is run again; null: it is not. */
type Repeat = 'conflict' | 'duplicate' | 'locked late' | 'connection lost' | null;

/** Runs units of work in transactions, each on its own connection. Those of different workspaces run concurrently. */
export class PostgresTransactions {
  readonly #pools: PostgresPools;
  readonly #over: (connection: PostgresUnit) => Kysely<Tables>;
  /** Milliseconds of a monotonic clock; null if the last commit failed, or there was none. */
  #committedAt: number | null = null;

  /** `over`: Kysely over one connection. */
  constructor(pools: PostgresPools, over: (connection: PostgresUnit) => Kysely<Tables>) {
    this.#pools = pools;
    this.#over = over;
  }

  /** As in `Database`. */
  hasCommittedWithin(ms: number): boolean {
    return this.#committedAt !== null && performance.now() - this.#committedAt <= ms;
  }

  /**
   * As `Database.transact`. The work runs again, five times at most, after a deadlock, a lost connection without a commit, or
   * if it has locked a workspace after reading: then the lock comes first. Once more after a duplicate, which another
   * transaction may have committed after the work had looked for it.
   */
  async run<T>(work: Work<T>): Promise<T> {
    let chains: ReadonlySet<string> = new Set();
    let hadDuplicate = false;
    for (let run = 1; ; ) {
      const unit = new PostgresUnit(await this.#pools.lease('changes'), chains);
      const outcome = await this.#runOnce(unit, work);
      if ('result' in outcome) return outcome.result;
      const { error, repeat } = outcome;
      if (repeat === null || (repeat === 'duplicate' && hadDuplicate)) throw error;
      if (run === RUNS_MAX) throw new AppError('UNAVAILABLE', { cause: error });
      hadDuplicate ||= repeat === 'duplicate';
      // Not counted if it has found another chain: that ends, since the next run has all of these from its beginning.
      if (repeat !== 'locked late' || unit.chains.size === chains.size) run++;
      chains = unit.chains;
      if (repeat !== 'locked late') await pause(PAUSE_MS * Math.random() * run);
    }
  }

  async #runOnce<T>(
    unit: PostgresUnit,
    work: Work<T>,
  ): Promise<{ result: T } | { error: unknown; repeat: Repeat }> {
    const locks = (workspaceId: string) => unit.lockChain(workspaceId);
    try {
      const result = await work(this.#over(unit), new TransactionCache(), locks);
      await unit.finish();
      if (!unit.isLockedLate) {
        if (await this.#commit(unit)) return { result };
        return { error: new Error('the connection was lost'), repeat: 'connection lost' };
      }
      await this.#undo(unit);
      return { error: null, repeat: 'locked late' };
    } catch (error) {
      const isUnknown = error instanceof AppError && error.code === 'COMMIT_UNCONFIRMED';
      if (!isUnknown) await this.#undo(unit);
      this.#committedAt = null;
      return { error, repeat: isUnknown ? null : repeatAfter(unit, error) };
    }
  }

  /** False if the connection was lost and nothing was committed. COMMIT_UNCONFIRMED if that cannot be known. */
  async #commit(unit: PostgresUnit): Promise<boolean> {
    const operation = randomUUID();
    try {
      await unit.commit(operation);
      unit.release();
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error;
      unit.release(true);
      if (!(await this.#hasCommitted(operation))) return false;
    }
    this.#committedAt = performance.now();
    return true;
  }

  async #hasCommitted(operation: string): Promise<boolean> {
    const until = performance.now() + SETTLE_MS_MAX;
    for (;;) {
      const left = until - performance.now();
      try {
        const answer = this.#pools.query('changes', TAKE_OPERATION, [operation], left);
        return (await answer).rowCount === 0;
      } catch (error) {
        if (performance.now() + PAUSE_MS >= until) throw new AppError('COMMIT_UNCONFIRMED', { cause: error });
      }
      await pause(PAUSE_MS);
    }
  }

  async #undo(unit: PostgresUnit): Promise<void> {
    unit.release(!(await unit.rollback()));
  }
}

function repeatAfter({ failure, isLockedLate }: PostgresUnit, error: unknown): Repeat {
  // What the work decided from outdated answers is void, also its errors.
  if (isLockedLate) return 'locked late';
  const cause = failure?.error ?? error;
  if (cause instanceof ConnectionLost) return 'connection lost';
  if (isConflict(cause)) return 'conflict';
  return codeOf(cause) === UNIQUE_VIOLATION ? 'duplicate' : null;
}
