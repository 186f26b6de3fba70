import type { CompiledQuery, Dialect, Kysely } from 'kysely';
import type { Confirmation, InstanceState } from '../../domain/host/instances.ts';
import { AppError } from '../../domain/shared/app-error.ts';
import type { Invalidation } from '../../domain/shared/change-feed.ts';
import { OperatorError } from '../../domain/shared/operator-error.ts';
import type { Tables } from '../tables.ts';
import type { TransactionCache } from '../transaction-cache.ts';

/** An open database of some engine. */
export interface Database {
  /** As OpenTelemetry names it. */
  readonly system: 'sqlite' | 'postgresql';
  readonly dialect: Dialect;
  readonly db: Kysely<Tables>;
  /** The same rows over a connection that is only used to look up credentials, so that these never wait for a list. */
  readonly lookups: Kysely<Tables>;
  /** The same rows for lists, which may be older than in `db` if there is a standby. It only reads. */
  readonly lists: Kysely<Tables>;
  /** As `lists`, for one export: no row is older than one that was read before it. */
  forExport(): Kysely<Tables>;
  /** What answers `lists` and exports; null: the database itself. */
  readonly standby: Standby | null;
  /**
   * Runs the work in a transaction and resolves when it is durable; calls resolve in the order in which their work ran. If
   * the work rejects, nothing is changed, and the call rejects with its error. UNAVAILABLE, and nothing is changed, if too
   * much work is waiting or the work could not begin within five seconds. COMMIT_UNCONFIRMED if the outcome is unknown. The
   * work may run more than once.
   */
  transact<T>(work: Work<T>): Promise<T>;
  /** Runs the work, which only reads, on one state of the database: it sees no change that is committed meanwhile. */
  snapshot<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T>;
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
  /** Null if only this process uses the database. */
  readonly peers: PeerTable | null;
  /** Checks the whole database and returns a description of each fault; empty if there is none. */
  findDamage(): Promise<readonly string[]>;
  /**
   * Copies committed pages from the engine's log to the database file, so that the file alone is complete. Does not wait for
   * readers: pages of the log that a reader still needs are copied by a later call.
   */
  checkpoint(): Promise<void>;
  /** The use of its connections; empty if it has no pools of them. */
  connections(): readonly ConnectionUse[];
  /** Closes every connection. Idempotent. */
  close(): Promise<void>;
}

/** A copy of the database that follows it. */
export interface Standby {
  /** Statements that the standby alone runs. */
  readonly db: Kysely<Tables>;
  /**
   * Uses the standby as soon as it has answered; until then, and whenever it does not, the database itself answers. `report` is
   * called with the first of several failures, and with null after them.
   */
  start(report: (error: unknown) => void): void;
  /** OperatorError, with what that means for lists, if it does not answer, or is not a standby of this database. */
  check(): Promise<StandbyState>;
}

/** Milliseconds within which a standby should have a change. */
export const LATE_MS_MAX = 2_000;

export interface StandbyState {
  /** Its database and address, without a password. */
  readonly server: string;
  /** Milliseconds until it had the last change before the check; null: more than `LATE_MS_MAX`. */
  readonly lateMs: number | null;
  /** When the last change was made that it has; null: it has made none since its start. */
  readonly lastChangeAt: Date | null;
}

/** How many connections of one purpose are in use, and how many callers wait for one. */
export interface ConnectionUse {
  readonly purpose: string;
  readonly used: number;
  readonly idle: number;
  readonly waiting: number;
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
  /** The receipts that were asked for since the snapshot; for null, all of the last ten seconds. */
  readonly receipts: readonly string[];
}

/** What the processes over one database know of each other. Every instant is one of the database's clock. UNAVAILABLE. */
export interface PeerTable {
  /** Writes that the instance lives, and counts as live for `liveMs` from now on. */
  beat(instance: Omit<InstanceState, 'heartbeatAt'>, liveMs: number): Promise<void>;
  remove(instanceId: string): Promise<void>;
  /** All live instances, the oldest first. */
  live(): Promise<readonly InstanceState[]>;
  /** Asks every instance to confirm that it has dropped what it cached before all commits up to now. */
  askFor(receipt: string): Promise<void>;
  confirm(receipts: readonly string[], instanceId: string): Promise<void>;
  /** For each receipt, the live instances, and when each has confirmed. */
  confirmations(receipts: readonly string[]): Promise<ReadonlyMap<string, readonly Confirmation[]>>;
  /** As in `JobLeases`. */
  takeJob(job: string, holder: string, heldMs: number): Promise<boolean>;
  keepJob(job: string, holder: string, heldMs: number): Promise<boolean>;
  endJob(job: string, holder: string, restMs: number): Promise<void>;
  /** Deletes instances that are not live, and confirmations of more than an hour ago. */
  purge(): Promise<void>;
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
   * another process has it open and the engine allows one process only. `standbyUrl`: a standby of the database; null or left
   * out: there is none. An engine whose databases have one process has no standbys.
   */
  open(url: string, standbyUrl?: string | null): Promise<Database>;
  /** Throws DatabaseInUse if a service is running over the database, on any machine. */
  requireNoService(url: string): Promise<void>;
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
