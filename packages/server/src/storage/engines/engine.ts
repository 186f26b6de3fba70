import type { CompiledQuery, Kysely } from 'kysely';
import { AppError } from '../../domain/shared/app-error.ts';
import type { Invalidation } from '../../domain/shared/change-feed.ts';
import { OperatorError } from '../../domain/shared/operator-error.ts';
import type { Tables } from '../tables.ts';
import type { TransactionCache } from '../transaction-cache.ts';

/** An open database of some engine. */
export interface Database {
  readonly db: Kysely<Tables>;
  /** The same rows over a connection that is only used to look up credentials, so that these never wait for a list. */
  readonly lookups: Kysely<Tables>;
  /**
   * Runs the work in a transaction and resolves when it is durable; calls resolve in the order in which their work ran. If
   * the work rejects, nothing is changed, and the call rejects with its error. UNAVAILABLE, and nothing is changed, if too
   * much work is waiting or the work could not begin within five seconds. COMMIT_UNCONFIRMED if the outcome is unknown. The
   * work may run more than once.
   */
  transact<T>(work: Work<T>): Promise<T>;
  /** Runs the work, which changes the schema, while no other process is in `migrating`. */
  migrating<T>(work: () => Promise<T>): Promise<T>;
  /** Did the last commit succeed, at most `ms` milliseconds ago? */
  hasCommittedWithin(ms: number): boolean;
  /** Makes a commit without effect, which has to sync. Throws if that fails. */
  touch(): Promise<void>;
  /** Resolves with the reason if the database is lost permanently: from then on every call throws UNAVAILABLE. */
  readonly lost: Promise<Error>;
  /** Null if only this process uses the database. */
  readonly changeLog: ChangeLog | null;
  /** Checks the whole database and returns a description of each fault; empty if there is none. */
  findDamage(): Promise<readonly string[]>;
  /**
   * Copies committed pages from the engine's log to the database file, so that the file alone is complete. Does not wait for
   * readers: pages of the log that a reader still needs are copied by a later call.
   */
  checkpoint(): Promise<void>;
  /** Closes every connection. Idempotent. */
  close(): Promise<void>;
}

/** The changes that the processes over one database tell each other. */
export interface ChangeLog {
  /** Writes the changes, at least one, in the transaction of `db`. */
  record(db: Kysely<Tables>, changes: readonly Invalidation[]): Promise<void>;
  /**
   * The changes that have become visible since the snapshot, each exactly once, those of this process too, and the snapshot
   * for the next call. Null: no changes, from now on. UNAVAILABLE.
   */
  since(snapshot: string | null): Promise<ChangesSince>;
  /** Called when connections were lost: another server may continue, so that earlier snapshots are void. */
  onLost: () => void;
  /** Deletes changes and operations that are older than an hour. */
  purge(): Promise<void>;
}

export interface ChangesSince {
  readonly snapshot: string;
  readonly changes: readonly Invalidation[];
}

/**
 * A unit of work. `db` runs statements in its transaction in the order in which they are issued; if one fails, those that
 * were issued after it without waiting for it fail too. After the end of the work, its statements throw. `cache` lives as
 * long as the transaction, which may have other units of work.
 */
export type Work<T> = (
  db: Kysely<Tables>,
  cache: TransactionCache,
  lockChain: LockChain | null,
) => Promise<T>;

/**
 * Locks the audit chain of a workspace until the end of the transaction, so that changes of a workspace are serial. What the
 * work has read before is void: an engine then runs it again, with the lock first. Null: transactions are serial already.
 */
export type LockChain = (workspaceId: string) => Promise<void>;

/**
 * A write whose outcome its issuer knows in advance. In a transaction, an engine may answer it before it is run; the
 * transaction fails if the write then does. Outside a transaction it is run like any other query.
 */
export interface DeferredWrite extends CompiledQuery {
  /** The number of rows that it must change; any other number is an error. */
  readonly changes: number;
}

/**
 * The port to a database engine. Its connections commit durably: a resolved commit survives a power loss. Its errors are
 * AppError if there is a code for them: STORAGE_FULL, UNAVAILABLE, COMMIT_UNCONFIRMED.
 */
export interface Engine {
  /** The schemes of the database URLs it opens, without the colon. */
  readonly schemes: readonly string[];
  /** Does a database exist at the URL? Creates nothing. */
  exists(url: string): Promise<boolean>;
  /**
   * Opens the database, and creates it if it does not exist. Throws OperatorError if that fails, and DatabaseInUse if
   * another process has it open and the engine allows one process only.
   */
  open(url: string): Promise<Database>;
  /** The file of the database; null if it has none of its own. */
  fileOf(url: string): string | null;
  /** The file of the database, to be copied or replaced. OperatorError, with what to do instead, if it has none. */
  requireFile(url: string): string;
  /**
   * Writes the database as it is at one instant into one file at `path`, which must be missing or empty, also while another
   * process uses the database. It contains committed changes only. Reports the progress as a number from 0 to 1.
   */
  copy(url: string, path: string, onProgress?: (part: number) => void): Promise<void>;
  /** Opens a copy that no other process uses, without a lock. After `close` it is a single file again. */
  openCopy(path: string): Promise<Database>;
  /** Prevents every other process from opening the database until `release`. Throws DatabaseInUse. */
  lock(url: string): Promise<{ release(): void }>;
}

/** A file of the database was removed or replaced: caches may be wrong, and another process may have the database open. */
export class DatabaseDisplaced extends OperatorError {}

/** Another process has the database open, and the engine allows one process only. */
export class DatabaseInUse extends OperatorError {}

/** By the id of a query. */
const signals = new WeakMap<object, AbortSignal>();

/**
 * Returns the same database, with a signal: once it is aborted, statements outside a transaction that have not begun are
 * not run and fail with UNAVAILABLE.
 */
export function withSignal(db: Kysely<Tables>, signal: AbortSignal): Kysely<Tables> {
  return db.withPlugin({
    transformQuery({ node, queryId }) {
      signals.set(queryId, signal);
      return node;
    },
    transformResult: async ({ result }) => result,
  });
}

export function signalOf({ queryId }: CompiledQuery): AbortSignal | undefined {
  return signals.get(queryId);
}

/** The error of a statement that was dropped, because the call that issued it has ended. */
export function callEnded(): AppError {
  return new AppError('UNAVAILABLE', { message: 'The call ended before its database statement was run' });
}
