/**
 * One connection to an SQLite file. Plain JavaScript, like `worker.mjs`: Node starts a thread from this file without a
 * build, both in the sources and in the build.
 */

/** @typedef {{ DatabaseSync: typeof import('@photostructure/sqlite').DatabaseSync }} Driver */
/** @typedef {InstanceType<Driver['DatabaseSync']>} Database */
/** @typedef {ReturnType<Database['prepare']>} Prepared */

/**
 * With `changes` the statement fails unless it changes that number of rows, and its answer is empty.
 * @typedef {{ readonly sql: string, readonly parameters: readonly unknown[], readonly changes?: number }} Statement
 */

/**
 * The result of a statement: its rows if it has columns, otherwise the number of rows that it changed.
 * @typedef {{ readonly rows: readonly unknown[], readonly changes: number | bigint | null }} Answer
 */

/**
 * The answers of the statements before the first that failed, and its error.
 * @typedef {{ readonly answers: readonly Answer[], readonly failure?: unknown }} Outcome
 */

/** One shared object, so that a message to another thread contains it once. @type {Answer} */
const NOTHING = { rows: [], changes: null };

/** Milliseconds that a statement waits for a lock of another process, such as a backup. */
const BUSY_TIMEOUT_MS = 2_000;
/** Pages of log (16 MiB) before a checkpoint. Many, so that a page that changes often is copied once for many changes. */
const CHECKPOINT_PAGES = 4_000;
/** Bytes to which a checkpoint truncates the log file. While another process reads, the file grows without a limit. */
const LOG_BYTES_KEPT = 16 * 2 ** 20;

/** The size of a connection's cache of prepared statements; beyond it the oldest is evicted. */
const PREPARED_MAX = 500;

/**
 * Node's own SQLite if it has one, otherwise the package with the same interface.
 * @returns {Promise<Driver>}
 */
export async function loadDriver() {
  const builtIn = /** @type {Driver | undefined} */ (process.getBuiltinModule?.('node:sqlite'));
  return builtIn ?? (await import('@photostructure/sqlite'));
}

export class SqliteConnection {
  /** @type {Database} */
  #database;
  /** @type {Map<string, { readonly statement: Prepared, readonly hasColumns: boolean }>} */
  #prepared = new Map();

  /** @param {Database} database */
  constructor(database) {
    this.#database = database;
  }

  /**
   * Opens the file; creates it if it does not exist, unless `readOnly`. Its commits are durable.
   * @param {string} path @param {{ readonly readOnly: boolean }} options
   */
  static async open(path, { readOnly }) {
    const { DatabaseSync } = await loadDriver();
    const database = new DatabaseSync(path, { readOnly });
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    if (!readOnly) database.exec('PRAGMA journal_mode = WAL');
    if (!readOnly) database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    if (!readOnly) database.exec(`PRAGMA journal_size_limit = ${LOG_BYTES_KEPT}`);
    database.exec('PRAGMA synchronous = FULL');
    database.exec('PRAGMA foreign_keys = ON');
    // The journal of savepoints. In a file it would cost about forty writes for each new key; a crash discards it anyway.
    if (!readOnly) database.exec('PRAGMA temp_store = MEMORY');
    return new SqliteConnection(database);
  }

  /**
   * Runs the statements in order. Those after the first that fails are not run.
   * @param {readonly Statement[]} statements @returns {Outcome}
   */
  run(statements) {
    /** @type {Answer[]} */
    const answers = [];
    try {
      for (const statement of statements) answers.push(this.#answer(statement));
      return { answers };
    } catch (failure) {
      return { answers, failure };
    }
  }

  close() {
    this.#database.close();
  }

  /** @param {Statement} statement @returns {Answer} */
  #answer({ sql, parameters, changes: expected }) {
    const values = /** @type {Parameters<Prepared['all']>} */ (parameters);
    const { statement, hasColumns } = this.#prepare(sql);
    if (hasColumns) return { rows: statement.all(...values), changes: null };
    const { changes } = statement.run(...values);
    if (expected === undefined) return { rows: [], changes };
    if (changes !== expected) throw new Error(`${changes} rows were changed by: ${sql}`);
    return NOTHING;
  }

  /** @param {string} sql */
  #prepare(sql) {
    const cached = this.#prepared.get(sql);
    if (cached) return cached;
    const statement = this.#database.prepare(sql);
    const prepared = { statement, hasColumns: statement.columns().length > 0 };
    const [oldest] = this.#prepared.keys();
    if (this.#prepared.size >= PREPARED_MAX && oldest !== undefined) this.#prepared.delete(oldest);
    this.#prepared.set(sql, prepared);
    return prepared;
  }
}
