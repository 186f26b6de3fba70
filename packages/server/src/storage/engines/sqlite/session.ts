import { type CompiledQuery, type DatabaseConnection, type QueryResult, SelectQueryNode } from 'kysely';
import { type Answer, endsTransaction, type SqliteExecutor, type Statement } from './executor.ts';
import type { Turns } from './turns.ts';

/** The connections of a database. One in memory has a single one for both. */
export interface Connections {
  readonly writer: SqliteExecutor;
  /** Sees what is committed. */
  readonly reader: SqliteExecutor;
  /** Whoever uses the writer takes one. */
  readonly turns: Turns;
}

/**
 * What Kysely takes for a connection. In a transaction it is the writer; outside, reads go to the reader and wait for no
 * transaction, and everything else is a change of its own.
 */
export class SqliteSession implements DatabaseConnection {
  readonly #connections: Connections;
  #endTurn: (() => void) | null = null;
  /** Begins of transactions, and savepoints: they travel with the next statement instead of on their own. */
  #held: Statement[] = [];
  #failure: unknown = null;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const answer = this.#endTurn ? await this.#inTransaction(query) : await this.#alone(query);
    if (answer.changes === null) return { rows: answer.rows as Row[] };
    return { rows: [], numAffectedRows: BigInt(answer.changes) };
  }

  /** All rows at once: nothing here reads more of them than it can hold. */
  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    yield await this.executeQuery<Row>(query);
  }

  /** Waits until the transactions before have ended. */
  async begin(): Promise<void> {
    this.#endTurn = await this.#connections.turns.take();
    this.hold('begin immediate');
  }

  /** Leaves a statement that answers nothing to the next one. Throws where the transaction has failed. */
  hold(sql: string): void {
    if (this.#failure !== null) throw this.#failure;
    this.#held.push({ sql, parameters: [] });
  }

  async commit(): Promise<void> {
    await this.#inTransaction({ sql: 'commit', parameters: [] });
    this.end();
  }

  /** Never fails: what a lost connection has not committed, nobody will. */
  async rollback(): Promise<void> {
    this.#held = [];
    // SQLite refuses where no transaction is open: it was never begun, or has been rolled back by itself.
    await this.#connections.writer.run([{ sql: 'rollback', parameters: [] }]).catch(() => {});
    this.end();
  }

  /** Lets the next one in. Does nothing where that has happened. */
  end(): void {
    this.#endTurn?.();
    this.#endTurn = null;
    this.#held = [];
    this.#failure = null;
  }

  async #inTransaction(statement: Statement): Promise<Answer> {
    // Behind a transaction that is gone, each statement would be a change of its own.
    if (this.#failure !== null) throw this.#failure;
    const statements = [...this.#held, toStatement(statement)];
    this.#held = [];
    try {
      return lastOf(await this.#connections.writer.run(statements));
    } catch (error) {
      if (endsTransaction(error)) this.#failure = error;
      throw error;
    }
  }

  async #alone(query: CompiledQuery): Promise<Answer> {
    const { reader, writer, turns } = this.#connections;
    if (reader !== writer && SelectQueryNode.is(query.query)) return runOne(reader, query);
    const endTurn = await turns.take();
    try {
      return await runOne(writer, query);
    } finally {
      endTurn();
    }
  }
}

async function runOne(executor: SqliteExecutor, query: CompiledQuery): Promise<Answer> {
  return lastOf(await executor.run([toStatement(query)]));
}

/** Of a query only what another thread needs. */
function toStatement({ sql, parameters }: Statement): Statement {
  return { sql, parameters };
}

function lastOf(answers: readonly Answer[]): Answer {
  const last = answers.at(-1);
  if (!last) throw new Error('a statement was not answered');
  return last;
}
