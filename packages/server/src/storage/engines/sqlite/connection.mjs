/**
 * One connection to an SQLite file. Plain JavaScript, like the worker beside it: a thread is started from a file that
 * Node itself can read, from the sources as from the build.
 */

/** @typedef {{ DatabaseSync: typeof import('@photostructure/sqlite').DatabaseSync }} Driver */
/** @typedef {InstanceType<Driver['DatabaseSync']>} Database */
/** @typedef {ReturnType<Database['prepare']>} Prepared */

/**
 * With `changes` it has to change so many rows, or fails, and its answer says nothing.
 * @typedef {{ readonly sql: string, readonly parameters: readonly unknown[], readonly changes?: number }} Statement
 */

/**
 * What a statement has done: the rows of one that has columns, else how many it has changed.
 * @typedef {{ readonly rows: readonly unknown[], readonly changes: number | bigint | null }} Answer
 */

/**
 * The answers of the statements up to the first that failed, and why it did.
 * @typedef {{ readonly answers: readonly Answer[], readonly failure?: unknown }} Outcome
 */

/** One object for all, so that it travels to another thread once a message. @type {Answer} */
const NOTHING = { rows: [], changes: null };

/** Milliseconds that a statement waits for a lock of another process, such as a backup. */
const BUSY_TIMEOUT_MS = 2_000;
/** Pages after which the log is copied into the database, 16 MiB: a page that changes often is copied once for many changes. */
const CHECKPOINT_PAGES = 4_000;
/** Bytes that the file of the log keeps after a checkpoint. While another process reads, it grows without a bound. */
const LOG_BYTES_KEPT = 16 * 2 ** 20;

/** Statements kept prepared on a connection; beyond that the oldest is prepared anew when it comes again. */
const PREPARED_MAX = 500;

/**
 * The platform's own SQLite where it has one, else the package of the same interface.
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
   * Opens the file; makes it where it does not exist, unless it is to be read only. Its commits are durable.
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
    // What a savepoint could take back; in a file it is some forty writes for each new key, and no safer: it ends with us.
    if (!readOnly) database.exec('PRAGMA temp_store = MEMORY');
    return new SqliteConnection(database);
  }

  /**
   * Runs the statements one after the other. Those behind the first that fails are not run.
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
    const known = this.#prepared.get(sql);
    if (known) return known;
    const statement = this.#database.prepare(sql);
    const prepared = { statement, hasColumns: statement.columns().length > 0 };
    const [oldest] = this.#prepared.keys();
    if (this.#prepared.size >= PREPARED_MAX && oldest !== undefined) this.#prepared.delete(oldest);
    this.#prepared.set(sql, prepared);
    return prepared;
  }
}
