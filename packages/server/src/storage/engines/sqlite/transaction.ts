import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import type { DeferredWrite } from '../engine.ts';
import type { Connections } from './connections.ts';
import {
  type Answer,
  AnswerLost,
  commitFailure,
  endsTransaction,
  type SqliteExecutor,
  type Statement,
} from './executor.ts';

/** A deferred write, or a statement before it in the same batch, has failed. The work went on as if it had succeeded. */
export class DeferredWriteError extends Error {
  constructor(cause: unknown) {
    super('a deferred write has failed', { cause });
  }
}

/** A statement that was issued and has not returned. */
interface Issued {
  readonly statement: Statement;
  readonly kind: 'awaited' | 'deferred' | 'mark';
  /** The promise of an awaited statement; null for the other kinds. */
  readonly waiting: Waiting | null;
}

/** The connections that a transaction uses. */
type Writing = Pick<Connections, 'writer' | 'turns' | 'files'>;

const COMMIT: Statement = { sql: 'commit', parameters: [] };

type DeferredStatement = Statement & { readonly changes: number };

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * A transaction on the connection that writes. Its statements run in the order in which they are issued. Statements of the
 * same tick are sent in one message; if one of them fails, those after it up to the next mark are not run and fail with
 * the same error.
 */
export class SqliteTransaction {
  readonly #writer: SqliteExecutor;
  readonly #files: Connections['files'];
  readonly #endTurn: () => void;
  #issued: Issued[] = [];
  #isSending = false;
  #failure: unknown = null;

  private constructor({ writer, files }: Writing, endTurn: () => void) {
    this.#writer = writer;
    this.#files = files;
    this.#endTurn = endTurn;
  }

  /** Waits until earlier transactions have ended. UNAVAILABLE if a file of the database was removed or replaced. */
  static async begin(connections: Writing): Promise<SqliteTransaction> {
    const endTurn = await connections.turns.take();
    try {
      connections.files.require();
    } catch (error) {
      endTurn();
      throw error;
    }
    const transaction = new SqliteTransaction(connections, endTurn);
    transaction.mark('begin immediate');
    return transaction;
  }

  /** Throws if the transaction has failed, since a later statement would be a separate change. */
  run({ sql, parameters }: Statement): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) throw this.#failure;
      // Without the other fields of a query, which cannot be sent to another thread.
      this.#issued.push({ statement: { sql, parameters }, kind: 'awaited', waiting: { resolve, reject } });
      this.#sendSoon();
    });
  }

  /**
   * Sends the write with the next awaited statement. If it fails, or is not run because one before it failed, the
   * transaction fails. Throws as `run`.
   */
  defer({ sql, parameters, changes }: DeferredStatement): void {
    this.#add('deferred', { sql, parameters, changes });
  }

  /** Begins or ends a savepoint; is sent with the next awaited statement. Throws as `run`. */
  mark(sql: string): void {
    this.#add('mark', { sql, parameters: [] });
  }

  #add(kind: 'deferred' | 'mark', statement: Statement): void {
    if (this.#failure !== null) throw this.#failure;
    this.#issued.push({ statement, kind, waiting: null });
  }

  /** Throws COMMIT_UNCONFIRMED if the outcome is unknown; after any other error, nothing was committed. */
  async commit(): Promise<void> {
    await this.run(COMMIT);
    this.#files.confirm();
    this.#endTurn();
  }

  /** Never rejects: without a commit, a lost connection changes nothing. */
  async rollback(): Promise<void> {
    this.#end(new Error('the transaction was rolled back'));
    // SQLite throws if no transaction is open: it was not begun, or SQLite has rolled it back.
    await this.#writer.run([{ sql: 'rollback', parameters: [] }]).catch(() => {});
    this.#endTurn();
  }

  /** Sends on `nextTick`, so that statements of the same tick share one message. */
  #sendSoon(): void {
    if (this.#isSending) return;
    this.#isSending = true;
    process.nextTick(() => void this.#sendAll());
  }

  async #sendAll(): Promise<void> {
    while (this.#issued.some(({ waiting }) => waiting !== null)) await this.#send(this.#issued.splice(0));
    this.#isSending = false;
  }

  async #send(issued: readonly Issued[]): Promise<void> {
    const statements = issued.map(({ statement }) => statement);
    const { answers, failure } = await this.#writer
      .run(statements)
      .catch((failure: unknown) => ({ answers: [], failure }));
    for (const [index, answer] of answers.entries()) issued[index]?.waiting?.resolve(answer);
    const unanswered = issued.slice(answers.length);
    if (unanswered.length > 0)
      this.#fail(unanswered, mayHaveCommitted(unanswered, failure) ? commitFailure(failure) : failure);
  }

  /** `unanswered`: the statement that failed and those after it, which were not run. */
  #fail(unanswered: readonly Issued[], failure: unknown): void {
    this.#issued.unshift(...unanswered);
    if (unanswered[0]?.kind === 'mark' || endsTransaction(failure)) this.#end(failure);
    const mark = this.#issued.findIndex(({ kind }) => kind === 'mark');
    const failed = this.#issued.splice(0, mark === -1 ? this.#issued.length : mark);
    const isDeferred = failed.some(({ kind }) => kind === 'deferred');
    const error = isDeferred ? new DeferredWriteError(failure) : failure;
    rejectAll(failed, error);
    if (isDeferred) this.#end(error);
  }

  #end(failure: unknown): void {
    this.#failure ??= failure;
    rejectAll(this.#issued.splice(0), failure);
  }
}

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

/** Any of the statements may have run if the answer was lost; otherwise only the first, which failed. */
function mayHaveCommitted(unanswered: readonly Issued[], failure: unknown): boolean {
  const tried = failure instanceof AnswerLost ? unanswered : unanswered.slice(0, 1);
  return tried.some(({ statement }) => statement.sql === COMMIT.sql);
}

function rejectAll(issued: readonly Issued[], failure: unknown): void {
  for (const { waiting } of issued) waiting?.reject(failure);
}

function isDeferred(query: CompiledQuery): query is DeferredWrite {
  return 'changes' in query;
}

/** An answer as Kysely's result. */
export function resultOf<Row>({ rows, changes }: Answer): QueryResult<Row> {
  if (changes === null) return { rows: rows as Row[] };
  return { rows: [], numAffectedRows: BigInt(changes) };
}
