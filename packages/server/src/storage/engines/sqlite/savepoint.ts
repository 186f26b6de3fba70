import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import type { DeferredWrite } from '../engine.ts';
import { resultOf } from './session.ts';
import type { SqliteTransaction } from './transaction.ts';

/** A savepoint in a transaction. Statements after its end throw. */
export class SqliteSavepoint implements DatabaseConnection {
  readonly #transaction: SqliteTransaction;
  #hasEnded = false;

  constructor(transaction: SqliteTransaction) {
    this.#transaction = transaction;
    transaction.mark('savepoint work');
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    if (this.#hasEnded) throw new Error('the savepoint of this statement has ended');
    if (!isDeferred(query)) return resultOf(await this.#transaction.run(query));
    this.#transaction.defer(query);
    return { rows: [] };
  }

  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    yield await this.executeQuery<Row>(query);
  }

  undo(): void {
    this.#hasEnded = true;
    this.#transaction.mark('rollback to work');
  }

  end(): void {
    this.#hasEnded = true;
    this.#transaction.mark('release work');
  }
}

function isDeferred(query: CompiledQuery): query is DeferredWrite {
  return 'changes' in query;
}
