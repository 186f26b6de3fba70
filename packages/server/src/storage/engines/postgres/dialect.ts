import {
  ColumnDefinitionNode,
  type CompiledQuery,
  type DatabaseConnection,
  type DataTypeNode,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  SelectQueryNode,
} from 'kysely';
import type pg from 'pg';
import { AppError } from '../../../domain/shared/app-error.ts';
import { callEnded, signalOf } from '../engine.ts';
import { ConnectionLost } from './errors.ts';
import type { Lease, PostgresPools } from './pools.ts';

/** Kysely's PostgreSQL dialect over our pools. `select` statements outside of transactions are run by `read`. */
export function postgresDialect(pools: PostgresPools, read: Read): Dialect {
  return {
    createAdapter: () => new UnlockedAdapter(),
    createDriver: () => driverOver(pools, read),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PortableTypes(),
  };
}

/** Without Kysely's lock of migrations, which is one of a session: `Database.migrating` has one that a pooler keeps. */
class UnlockedAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}

/**
 * Gives columns the types of SQLite: texts are compared by their bytes, whatever the language of the database is, and
 * integers have 64 bits.
 */
class PortableTypes extends PostgresQueryCompiler {
  protected override visitDataType(node: DataTypeNode): void {
    const { dataType } = node;
    const isOfColumn = this.parentNode !== undefined && ColumnDefinitionNode.is(this.parentNode);
    if (isOfColumn && dataType === 'text') this.append('text collate "C"');
    else if (isOfColumn && dataType === 'integer') this.append('bigint');
    else super.visitDataType(node);
  }
}

function driverOver(pools: PostgresPools, read: Read): Driver {
  return {
    init: async () => {},
    acquireConnection: async (): Promise<DatabaseConnection> => new PostgresSession(pools, read),
    beginTransaction: (session) => (session as PostgresSession).begin(),
    commitTransaction: (session) => (session as PostgresSession).commit(),
    rollbackTransaction: (session) => (session as PostgresSession).rollback(),
    releaseConnection: async () => {},
    // The engine closes the pools.
    destroy: async () => {},
  };
}

/** Runs one statement that only reads. Errors are those of `translated`. */
export type Read = (sql: string, parameters: readonly unknown[]) => Promise<pg.QueryResult>;

/** A connection for Kysely, outside of units of work. In a transaction, as for migrations, statements have no time limit. */
class PostgresSession implements DatabaseConnection {
  readonly #pools: PostgresPools;
  readonly #readOnce: Read;
  #lease: Lease | null = null;

  constructor(pools: PostgresPools, read: Read) {
    this.#pools = pools;
    this.#readOnce = read;
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
    const run = () => this.#readOnce(sql, parameters);
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
