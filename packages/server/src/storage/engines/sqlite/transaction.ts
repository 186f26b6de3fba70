import { LateFailure } from '../engine.ts';
import type { Connections } from './connections.ts';
import {
  type Answer,
  AnswerLost,
  commitFailure,
  endsTransaction,
  type SqliteExecutor,
  type Statement,
} from './executor.ts';

/** A statement on its way. */
interface Issued {
  readonly statement: Statement;
  readonly kind: 'asked' | 'handed-over' | 'mark';
  /** Whoever waits for the answer; null unless it is asked for. */
  readonly waiting: Waiting | null;
}

/** What a transaction needs of the connections. */
type Writing = Pick<Connections, 'writer' | 'turns' | 'files'>;

const COMMIT: Statement = { sql: 'commit', parameters: [] };

type HandedOverStatement = Statement & { readonly changes: number };

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * A transaction on the connection that writes. Its statements run in the order in which they are issued. Those that are
 * issued before anybody is waited for travel together, and where one of them fails, what follows it up to the next mark is
 * not run and fails alike.
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

  /** Waits until the transactions before have ended. UNAVAILABLE where the files of the database are not in place. */
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

  /** Throws where the transaction has failed: behind it, each statement would be a change of its own. */
  run({ sql, parameters }: Statement): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) throw this.#failure;
      // Of a query only what another thread needs.
      this.#issued.push({ statement: { sql, parameters }, kind: 'asked', waiting: { resolve, reject } });
      this.#sendSoon();
    });
  }

  /**
   * Travels with the next statement that is waited for. Where it fails, or is not run because one before it has failed,
   * the transaction has. Throws as `run`.
   */
  handOver({ sql, parameters, changes }: HandedOverStatement): void {
    this.#add('handed-over', { sql, parameters, changes });
  }

  /** Begins or ends a piece of work; travels with the next statement that is waited for. Throws as `run`. */
  mark(sql: string): void {
    this.#add('mark', { sql, parameters: [] });
  }

  #add(kind: 'handed-over' | 'mark', statement: Statement): void {
    if (this.#failure !== null) throw this.#failure;
    this.#issued.push({ statement, kind, waiting: null });
  }

  /** COMMIT_UNCONFIRMED where it is not known whether it was committed; any other failure: it was not. */
  async commit(): Promise<void> {
    await this.run(COMMIT);
    this.#files.confirm();
    this.#endTurn();
  }

  /** Never fails: what a lost connection has not committed, nobody will. */
  async rollback(): Promise<void> {
    this.#end(new Error('the transaction was rolled back'));
    // SQLite refuses where no transaction is open: it was never begun, or has been rolled back by itself.
    await this.#writer.run([{ sql: 'rollback', parameters: [] }]).catch(() => {});
    this.#endTurn();
  }

  /** Not before all who can go on have gone on: what they issue at the same time is one message. */
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
      this.#refuse(unanswered, mayHaveCommitted(unanswered, failure) ? commitFailure(failure) : failure);
  }

  /** `unanswered`: the one that has failed, and those behind it, which were not run. */
  #refuse(unanswered: readonly Issued[], failure: unknown): void {
    this.#issued.unshift(...unanswered);
    if (unanswered[0]?.kind === 'mark' || endsTransaction(failure)) this.#end(failure);
    const mark = this.#issued.findIndex(({ kind }) => kind === 'mark');
    const ofPiece = this.#issued.splice(0, mark === -1 ? this.#issued.length : mark);
    const isLate = ofPiece.some(({ kind }) => kind === 'handed-over');
    const told = isLate ? new LateFailure(failure) : failure;
    refuse(ofPiece, told);
    if (isLate) this.#end(told);
  }

  #end(failure: unknown): void {
    this.#failure ??= failure;
    refuse(this.#issued.splice(0), failure);
  }
}

/** Where the answer was lost, any of the statements may have run; else it is the first one that has failed. */
function mayHaveCommitted(unanswered: readonly Issued[], failure: unknown): boolean {
  const tried = failure instanceof AnswerLost ? unanswered : unanswered.slice(0, 1);
  return tried.some(({ statement }) => statement.sql === COMMIT.sql);
}

function refuse(issued: readonly Issued[], failure: unknown): void {
  for (const { waiting } of issued) waiting?.reject(failure);
}
