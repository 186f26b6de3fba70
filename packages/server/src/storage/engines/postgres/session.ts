import { type CompiledQuery, type DatabaseConnection, type QueryResult, SelectQueryNode } from 'kysely';
import type pg from 'pg';
import { AppError } from '../../../domain/shared/app-error.ts';
import { callEnded, signalOf } from '../engine.ts';
import { ConnectionLost } from './errors.ts';
import type { Lease, PostgresPools } from './pools.ts';

/** A connection for Kysely, outside of units of work. In a transaction, as for migrations, statements have no time limit. */
export class PostgresSession implements DatabaseConnection {
  readonly #pools: PostgresPools;
  readonly #reads: 'reads' | 'lookups';
  #lease: Lease | null = null;

  constructor(pools: PostgresPools, reads: 'reads' | 'lookups') {
    this.#pools = pools;
    this.#reads = reads;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const { sql, parameters } = query;
    if (this.#lease) return resultOf(await this.#lease.query(sql, parameters, NO_LIMIT));
    if (signalOf(query)?.aborted) throw callEnded();
    return resultOf(await (SelectQueryNode.is(query.query) ? this.#read(query) : this.#change(query)));
  }

  /** Yields all rows at once, since no caller reads more rows than fit in memory. */
  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    yield await this.executeQuery<Row>(query);
  }

  async begin(): Promise<void> {
    this.#lease = await this.#pools.lease('changes');
    await this.#lease.query('begin');
  }

  async commit(): Promise<void> {
    await this.#end('commit');
  }

  async rollback(): Promise<void> {
    await this.#end('rollback');
  }

  async #end(statement: 'commit' | 'rollback'): Promise<void> {
    const lease = this.#lease;
    this.#lease = null;
    let isBroken = true;
    try {
      await lease?.query(statement, [], NO_LIMIT);
      isBroken = false;
    } finally {
      lease?.release(isBroken);
    }
  }

  /** Runs again on a new connection if the first one was lost. */
  async #read({ sql, parameters }: CompiledQuery): Promise<pg.QueryResult> {
    const run = () => this.#pools.query(this.#reads, sql, parameters);
    return run().catch((error: unknown) => {
      if (error instanceof ConnectionLost) return run();
      throw error;
    });
  }

  /** A statement that commits by itself: its outcome is unknown if its answer is lost. */
  async #change({ sql, parameters }: CompiledQuery): Promise<pg.QueryResult> {
    return this.#pools.query('changes', sql, parameters).catch((error: unknown) => {
      throw error instanceof ConnectionLost ? new AppError('COMMIT_UNCONFIRMED', { cause: error }) : error;
    });
  }
}

/** Of `query_timeout`: no time limit. */
const NO_LIMIT = 0;

const CHANGES: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

/** An answer as Kysely's result. */
export function resultOf<Row>({ command, rowCount, rows }: pg.QueryResult): QueryResult<Row> {
  if (!CHANGES.has(command)) return { rows: rows as Row[] };
  return { rows: rows as Row[], numAffectedRows: BigInt(rowCount ?? 0) };
}
