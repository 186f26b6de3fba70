import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SelectQueryNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { signalOf } from '../engine.ts';
import type { Connections } from './connections.ts';
import { type Answer, commitFailure, type SqliteExecutor } from './executor.ts';
import { resultOf, SqliteTransaction } from './transaction.ts';

/** Kysely's SQLite dialect over asynchronous connections. */
export function sqliteDialect(connections: Connections): Dialect {
  return {
    createAdapter: () => new TransactionalAdapter(),
    createDriver: () => driverOver(connections),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** Runs schema changes in a transaction, so that a failed migration changes nothing and there is one sync. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

function driverOver(connections: Connections): Driver {
  return {
    init: async () => {},
    acquireConnection: async () => new SqliteSession(connections),
    beginTransaction: (session: SqliteSession) => session.begin(),
    commitTransaction: (session: SqliteSession) => session.commit(),
    rollbackTransaction: (session: SqliteSession) => session.rollback(),
    releaseConnection: async () => {},
    // The engine closes the connections, since their order matters.
    destroy: async () => {},
  };
}

/**
 * A connection for Kysely. In a transaction it uses the writer. Outside, `select` uses the reader and waits for no
 * transaction, and every other statement is a separate change.
 */
class SqliteSession implements DatabaseConnection {
  readonly #connections: Connections;
  #transaction: SqliteTransaction | null = null;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    return resultOf(await (this.#transaction?.run(query) ?? this.#alone(query)));
  }

  /** Yields all rows at once, since no caller reads more rows than fit in memory. */
  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    yield await this.executeQuery<Row>(query);
  }

  async begin(): Promise<void> {
    this.#transaction = await SqliteTransaction.begin(this.#connections);
  }

  async commit(): Promise<void> {
    await this.#transaction?.commit();
    this.#transaction = null;
  }

  async rollback(): Promise<void> {
    await this.#transaction?.rollback();
    this.#transaction = null;
  }

  async #alone(query: CompiledQuery): Promise<Answer> {
    const { reader, writer, turns, files } = this.#connections;
    if (reader !== writer && SelectQueryNode.is(query.query)) return runOne(reader, query);
    const endTurn = await turns.take();
    try {
      files.require();
      const answer = await runOne(writer, query);
      files.confirm();
      return answer;
    } catch (error) {
      throw commitFailure(error);
    } finally {
      endTurn();
    }
  }
}

async function runOne(executor: SqliteExecutor, query: CompiledQuery): Promise<Answer> {
  const { sql, parameters } = query;
  const { answers, failure } = await executor.run([{ sql, parameters }], signalOf(query));
  const [answer] = answers;
  if (!answer) throw failure;
  return answer;
}
