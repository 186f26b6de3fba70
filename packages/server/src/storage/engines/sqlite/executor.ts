import { AppError } from '../../../domain/shared/app-error.ts';
import type { Answer, Outcome, SqliteConnection, Statement } from './connection.mjs';

export type { Answer, Outcome, Statement };

/** Runs statements on one connection, wherever that is. */
export interface SqliteExecutor {
  /**
   * Runs the statements one after the other up to the first that fails, and calls in the order in which they are made.
   * Rejects where the connection is gone, with AnswerLost where the statements may have run; and without running anything
   * where the signal is aborted before they begin.
   */
  run(statements: readonly Statement[], signal?: AbortSignal): Promise<Outcome>;
  /** Closes the connection after the calls made before. Idempotent. */
  close(): Promise<void>;
}

/** A connection of this very thread, which waits for every statement: for databases in memory. */
export function inThisThread(connection: SqliteConnection): SqliteExecutor {
  let isOpen = true;
  return {
    async run(statements, signal) {
      if (signal?.aborted) throw callEnded();
      const { answers, failure } = connection.run(statements);
      return { answers, failure: translated(failure) };
    },
    async close() {
      if (isOpen) connection.close();
      isOpen = false;
    },
  };
}

/** The connection ended before it answered: nobody knows which of the statements it has run. */
export class AnswerLost extends AppError {
  constructor(cause: unknown) {
    super('UNAVAILABLE', { cause });
  }
}

/**
 * The failure of a statement that commits. Where its answer was lost, or the disk failed while it was written, the change
 * may be stored or not, or come back after a crash: COMMIT_UNCONFIRMED.
 */
export function commitFailure(failure: unknown): unknown {
  const isDiskError = failure instanceof AppError && resultCode(failure.cause) === IO_ERROR;
  return failure instanceof AnswerLost || isDiskError
    ? new AppError('COMMIT_UNCONFIRMED', { cause: failure })
    : failure;
}

/** Result codes of SQLite (https://www.sqlite.org/rescode.html), the low byte of the extended ones. */
export const BUSY = 5;
const OUT_OF_MEMORY = 7;
const INTERRUPTED = 9;
const IO_ERROR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const NOT_A_DATABASE = 26;

/** The file or the disk fails, not the statement. */
const STORAGE_FAILURES: ReadonlySet<number | null> = new Set([
  BUSY,
  IO_ERROR,
  CORRUPT,
  CANNOT_OPEN,
  NOT_A_DATABASE,
]);

/** The error of a statement that was dropped, because the call that asked for it has ended. */
export function callEnded(): AppError {
  return new AppError('UNAVAILABLE', { message: 'The call ended before the database was asked' });
}

/** The error as AppError where the caller's situation has a code. What is no error of SQLite stays what it is. */
export function translated(cause: unknown): unknown {
  const code = resultCode(cause);
  if (code === FULL) return new AppError('STORAGE_FULL', { cause });
  if (STORAGE_FAILURES.has(code)) return new AppError('UNAVAILABLE', { cause });
  return cause;
}

/**
 * May SQLite have rolled back the whole transaction by itself (https://www.sqlite.org/lang_transaction.html, section 3.1)?
 * Any other failure undoes its own statement alone. What is translated is always of this kind.
 */
export function endsTransaction(error: unknown): boolean {
  const code = resultCode(error);
  return error instanceof AppError || code === OUT_OF_MEMORY || code === INTERRUPTED;
}

/** What SQLite says of failures of its file, whose code one of the drivers drops where rows are read. */
const CODES_BY_MESSAGE: ReadonlyMap<unknown, number> = new Map([
  ['database is locked', BUSY],
  ['out of memory', OUT_OF_MEMORY],
  ['interrupted', INTERRUPTED],
  ['disk I/O error', IO_ERROR],
  ['database disk image is malformed', CORRUPT],
  ['database or disk is full', FULL],
  ['unable to open database file', CANNOT_OPEN],
  ['file is not a database', NOT_A_DATABASE],
]);

export function resultCode(error: unknown): number | null {
  const { errcode, message } = (error ?? {}) as { errcode?: unknown; message?: unknown };
  return typeof errcode === 'number' ? errcode & 0xff : (CODES_BY_MESSAGE.get(message) ?? null);
}
