import { AppError } from '../../../domain/shared/app-error.ts';
import type { Answer, Outcome, SqliteConnection, Statement } from './connection.mjs';

export type { Answer, Outcome, Statement };

/** Runs statements on one connection, wherever that is. */
export interface SqliteExecutor {
  /**
   * Runs the statements one after the other up to the first that fails, and calls in the order in which they are made.
   * Rejects where the connection is gone.
   */
  run(statements: readonly Statement[]): Promise<Outcome>;
  /** Closes the connection after the calls made before. Idempotent. */
  close(): Promise<void>;
}

/** A connection of this very thread, which waits for every statement: for databases in memory. */
export function inThisThread(connection: SqliteConnection): SqliteExecutor {
  let isOpen = true;
  return {
    async run(statements) {
      const { answers, failure } = connection.run(statements);
      return { answers, failure: translated(failure) };
    },
    async close() {
      if (isOpen) connection.close();
      isOpen = false;
    },
  };
}

/** Result codes of SQLite (https://www.sqlite.org/rescode.html), the low byte of the extended ones. */
export const BUSY = 5;
const OUT_OF_MEMORY = 7;
const INTERRUPTED = 9;
const IO_ERROR = 10;
const FULL = 13;
const CANNOT_OPEN = 14;

/** The error as AppError where the caller's situation has a code. What is no error of SQLite stays what it is. */
export function translated(cause: unknown): unknown {
  const code = resultCode(cause);
  if (code === FULL) return new AppError('STORAGE_FULL', { cause });
  if (code === BUSY || code === IO_ERROR || code === CANNOT_OPEN)
    return new AppError('UNAVAILABLE', { cause });
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

export function resultCode(error: unknown): number | null {
  const code = (error as { errcode?: unknown } | undefined)?.errcode;
  return typeof code === 'number' ? code & 0xff : null;
}
