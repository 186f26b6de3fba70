import { AppError } from '../../../domain/shared/app-error.ts';
import { callEnded } from '../engine.ts';
import type { Answer, Outcome, SqliteConnection, Statement } from './connection.mjs';

export type { Answer, Outcome, Statement };

/** Runs statements on one connection, in this thread or in another. */
export interface SqliteExecutor {
  /**
   * Runs the statements in order up to the first that fails, and calls in the order in which they are made. Rejects if the
   * connection is lost: with AnswerLost if the statements may have run. Rejects without running anything if the signal is
   * aborted before they begin.
   */
  run(statements: readonly Statement[], signal?: AbortSignal): Promise<Outcome>;
  /** Closes the connection after the calls made before. Idempotent. */
  close(): Promise<void>;
}

/** A connection in this thread, which blocks it for each statement: for databases in memory. */
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

/** The connection ended before it answered: it is unknown which of the statements were run. */
export class AnswerLost extends AppError {
  constructor(cause: unknown) {
    super('UNAVAILABLE', { cause });
  }
}

/**
 * The error to throw for a failed commit. COMMIT_UNCONFIRMED if its answer was lost or the disk failed during the write,
 * since the change may be stored, or appear after a crash.
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

/** Errors of the file or the disk, not of the statement. */
const STORAGE_FAILURES: ReadonlySet<number | null> = new Set([
  BUSY,
  IO_ERROR,
  CORRUPT,
  CANNOT_OPEN,
  NOT_A_DATABASE,
]);

/** The error as AppError if there is a code for it; other errors are returned unchanged. */
export function translated(cause: unknown): unknown {
  const code = resultCode(cause);
  if (code === FULL) return new AppError('STORAGE_FULL', { cause });
  if (STORAGE_FAILURES.has(code)) return new AppError('UNAVAILABLE', { cause });
  return cause;
}

/**
 * May SQLite have rolled back the whole transaction by itself (https://www.sqlite.org/lang_transaction.html, section 3.1)?
 * Any other error undoes its own statement only. True for every error that `translated` turns into an AppError.
 */
export function endsTransaction(error: unknown): boolean {
  const code = resultCode(error);
  return error instanceof AppError || code === OUT_OF_MEMORY || code === INTERRUPTED;
}

/** SQLite's messages for file errors, since one of the drivers drops their code when it reads rows. */
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
