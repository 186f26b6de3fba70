import type { CompiledQuery, Kysely } from 'kysely';
import { OperatorError } from '../../domain/shared/operator-error.ts';
import type { Tables } from '../tables.ts';

/** An open database of some engine. */
export interface Database {
  readonly db: Kysely<Tables>;
  /** The same rows over a connection that serves nothing but look-ups of credentials: they wait behind no list. */
  readonly lookups: Kysely<Tables>;
  /** Begins a transaction once those before it have ended. */
  begin(): Promise<Transaction>;
  /** Resolves with the reason where the database is gone for good: from then on every call is UNAVAILABLE. */
  readonly lost: Promise<Error>;
  /** Reads everything and names what is broken; empty where it is sound. */
  findDamage(): Promise<readonly string[]>;
  /** Writes what nothing reads, in the transaction whose database this is: a commit then has something to sync. */
  touch(transaction: Kysely<Tables>): Promise<void>;
  /**
   * Copies what only the log of the engine has into the file of the database, so that the file alone is whole. Waits for no
   * reader: what one of them still needs the log for stays there until the next call.
   */
  checkpoint(): Promise<void>;
  /** Closes every connection. Idempotent. */
  close(): Promise<void>;
}

/**
 * What is done in it is durable when `commit` resolves, all of it or nothing. Either end lets the next one begin. A commit
 * rejects with COMMIT_UNCONFIRMED where it is not known whether it took place; with anything else nothing was changed.
 */
export interface Transaction {
  /** Begins a piece of work. Throws where the transaction is lost, as `undo` and `end` do. */
  scope(): Scope;
  commit(): Promise<void>;
  /** Never rejects. */
  rollback(): Promise<void>;
}

/** A piece of work in a transaction, one after the other. */
export interface Scope {
  /**
   * Statements run in the order in which they are issued. Of those that are issued together, none is run behind one that
   * fails: it fails alike. After the end of the piece nothing is run any more. What is handed over is not waited for: its
   * promise resolves at once, and where it comes to something else the whole transaction is lost to a `LateFailure`.
   */
  readonly db: Kysely<Tables>;
  /** Takes back what the piece has done, and nothing else. */
  undo(): void;
  end(): void;
}

/** A write of which whoever issues it knows how it ends. Outside a piece of work it is a query like any other. */
export interface HandedOver extends CompiledQuery {
  /** So many rows it changes. */
  readonly changes: number;
}

/** What was handed over has failed, or what was issued with it: nobody knows any more what the work should have gone by. */
export class LateFailure extends Error {
  constructor(cause: unknown) {
    super('a statement that nobody waited for has failed', { cause });
  }
}

/**
 * All that storage needs of an engine. Its connections commit durably: a resolved commit survives the loss of power.
 * Its errors arrive as AppError where the caller's situation has a code: STORAGE_FULL, UNAVAILABLE, COMMIT_UNCONFIRMED.
 */
export interface Engine {
  /** The schemes of the database URLs it opens, without the colon. */
  readonly schemes: readonly string[];
  /** Is there a database behind the URL? Makes nothing. */
  exists(url: string): Promise<boolean>;
  /**
   * Opens the database, making it where it does not exist. Throws OperatorError where it cannot, and DatabaseInUse where
   * another process has it and the engine does not share.
   */
  open(url: string): Promise<Database>;
  /** The file of the database; null where it is in memory. */
  fileOf(url: string): string | null;
  /**
   * Writes the database as it is at one instant into one file at `path`, which must be missing or empty, also while another
   * process uses the database. What this process has not committed is not in it. Reports the part that is done, up to 1.
   */
  copy(url: string, path: string, onProgress?: (part: number) => void): Promise<void>;
  /** Opens a copy that no other process knows, without a lock. Closed, it is one file again. */
  openCopy(path: string): Promise<Database>;
  /** Keeps every other process out of the database until `release`. Throws DatabaseInUse. */
  lock(url: string): Promise<{ release(): void }>;
}

/** A file of the database was removed or replaced: what is in memory may be untrue, and another process may have it. */
export class DatabaseDisplaced extends OperatorError {}

/** Another process has the database, of an engine that serves one process at a time. */
export class DatabaseInUse extends OperatorError {}
