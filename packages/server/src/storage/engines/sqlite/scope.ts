import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import type { HandedOver } from '../engine.ts';
import { resultOf } from './session.ts';
import type { SqliteTransaction } from './transaction.ts';

/** A piece of work in a transaction, which can be undone by itself. What it issues when it is over is refused. */
export class SqliteScope implements DatabaseConnection {
  readonly #transaction: SqliteTransaction;
  #isOver = false;

  constructor(transaction: SqliteTransaction) {
    this.#transaction = transaction;
    transaction.mark('savepoint work');
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    if (this.#isOver) throw new Error('a statement of work that is over');
    if (!isHandedOver(query)) return resultOf(await this.#transaction.run(query));
    this.#transaction.handOver(query);
    return { rows: [] };
  }

  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    yield await this.executeQuery<Row>(query);
  }

  undo(): void {
    this.#isOver = true;
    this.#transaction.mark('rollback to work');
  }

  end(): void {
    this.#isOver = true;
    this.#transaction.mark('release work');
  }
}

function isHandedOver(query: CompiledQuery): query is HandedOver {
  return 'changes' in query;
}
