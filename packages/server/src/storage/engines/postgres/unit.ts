import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import type { DeferredWrite } from '../engine.ts';
import { resultOf } from './dialect.ts';
import type { Lease } from './pools.ts';

/**
 * The limits of every transaction: a process that stops must not keep a workspace locked, and no statement may wait for a
 * lock longer than a client waits for its answer.
 */
const BEGIN = `begin isolation level read committed;
  set local lock_timeout = '4s'; set local statement_timeout = '8s';
  set local idle_in_transaction_session_timeout = '5s'`;

const LOCK_CHAIN = 'select id from workspaces where id = $1 for no key update';
/**
 * For a lock that is not the first statement: fails at once if another transaction has it, so that no two wait for each other.
 * `is_own`: the row was made in this transaction, so that no other one can have changed it.
 */
const LOCK_CHAIN_LATE = `select xmin = pg_current_xact_id()::xid as is_own from workspaces
  where id = $1 for no key update nowait`;
/** In a fixed order, for the same reason. */
const LOCK_CHAINS = 'select id from workspaces where id = any($1) order by id for no key update';

/** Milliseconds that a commit may take. */
const COMMIT_MS_MAX = 5_000;

/**
 * One run of a unit of work, on one connection. Statements are sent in the order in which they are issued, without waiting
 * for earlier answers. If one fails, the server denies those after it, and so the transaction.
 */
export class PostgresUnit implements DatabaseConnection {
  readonly #lease: Lease;
  readonly #pending: Promise<unknown>[] = [];
  #hasEnded = false;
  #hasStatements = false;
  /** The first error of a statement, also where the work has caught it; null: none has failed. */
  failure: { readonly error: unknown } | null = null;
  /** The workspaces whose chains were locked, or asked for. */
  readonly chains: Set<string>;
  /** Was a chain locked after statements whose answers may be outdated? */
  isLockedLate = false;

  /** Locks the chains of these workspaces first. */
  constructor(lease: Lease, chains: ReadonlySet<string>) {
    this.#lease = lease;
    this.chains = new Set(chains);
    void this.#note(lease.query(BEGIN));
    if (chains.size > 0) void this.#note(lease.query(LOCK_CHAINS, [[...chains]]));
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    if (this.#hasEnded) throw new Error('the transaction of this statement has ended');
    this.#hasStatements = true;
    const { sql, parameters } = query;
    const answer = this.#note(this.#lease.query(sql, parameters));
    if (!isDeferred(query)) return resultOf(await answer);
    void this.#note(
      answer.then(({ rowCount }) => {
        if (rowCount !== query.changes) throw new Error(`${rowCount} rows were changed by: ${sql}`);
      }),
    );
    return { rows: [] };
  }

  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    yield await this.executeQuery<Row>(query);
  }

  /** Locks the audit chain of a workspace until the end. Later statements see all that was committed before. */
  async lockChain(workspaceId: string): Promise<void> {
    if (this.chains.has(workspaceId)) return;
    const isFirst = !this.#hasStatements && this.chains.size === 0;
    this.chains.add(workspaceId);
    if (isFirst) return void (await this.#note(this.#lease.query(LOCK_CHAIN, [workspaceId])));
    const locked = this.#lease.query(LOCK_CHAIN_LATE, [workspaceId]).catch((error: unknown) => {
      this.isLockedLate = true;
      throw error;
    });
    const { rows } = await this.#note(locked);
    const [row] = rows as { is_own: boolean }[];
    if (row && !row.is_own) this.isLockedLate = true;
  }

  /** Waits for all statements that were issued. Rejects with the error of the first that failed. */
  async finish(): Promise<void> {
    this.#hasEnded = true;
    await Promise.allSettled(this.#pending);
    if (this.failure) throw this.failure.error;
  }

  /**
   * Commits, with a row that proves it. Rejects with ConnectionLost if the outcome is unknown; after any other error nothing
   * was committed.
   */
  async commit(operation: string): Promise<void> {
    const proof = `insert into operations (id, committed_at)
      values ('${operation}', (extract(epoch from now()) * 1000)::bigint)`;
    const results: unknown = await this.#lease.query(`${proof}; commit`, [], COMMIT_MS_MAX);
    const last = Array.isArray(results) ? results.at(-1) : results;
    // The server answers the commit of a failed transaction with success, and rolls back.
    if (last?.command !== 'COMMIT') throw new Error('the transaction was rolled back by its commit');
  }

  /** Never rejects: without a commit, a lost connection changes nothing. Returns false if the connection is lost. */
  async rollback(): Promise<boolean> {
    await this.finish().catch(() => {});
    return this.#lease.query('rollback').then(
      () => true,
      () => false,
    );
  }

  /** `isBroken`: the connection is closed. */
  release(isBroken = false): void {
    this.#lease.release(isBroken);
  }

  #note<T>(answer: Promise<T>): Promise<T> {
    const noted = answer.catch((error: unknown) => {
      this.failure ??= { error };
      throw error;
    });
    this.#pending.push(noted.catch(() => {}));
    return noted;
  }
}

function isDeferred(query: CompiledQuery): query is DeferredWrite {
  return 'changes' in query;
}
