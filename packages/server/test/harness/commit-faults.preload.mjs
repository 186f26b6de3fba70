/**
 * Injects commit failures while the file named by COMMIT_FAULTS exists: the first `after` commits that write to `table`
 * succeed, and every later one fails with `fault`. Without `table`, all commits count.
 *   full      SQLite finds no space, and rolls back
 *   io        the commit took place, and then the disk reported an error
 *   lost      the commit took place, and then the thread ended before it could say so
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { replaceDriver } from '../proof/crash/replace-driver.mjs';

/** @typedef {{ fault: 'full' | 'io' | 'lost', table?: string, after?: number }} Faults */

const path = process.env.COMMIT_FAULTS ?? '';
const FULL = 13;
const IO_ERROR_OF_FSYNC = 1034;
/** A statement names its table within this number of characters. */
const SHOWS_TABLE = 60;
/** The starts of the statements in the current transaction, which name the tables that it writes to. */
let written = '';

/** The fault of the next commit; null when it succeeds. @returns {Faults['fault'] | null} */
function nextFault() {
  if (isMainThread || !existsSync(path)) return null;
  /** @type {Faults} */
  const faults = JSON.parse(readFileSync(path, 'utf8'));
  const { fault, table = '', after = 0 } = faults;
  if (!written.includes(table)) return null;
  if (after === 0) return fault;
  writeFileSync(path, JSON.stringify({ ...faults, after: after - 1 }));
  return null;
}

/** @param {string} message @param {number} errcode */
function sqliteError(message, errcode) {
  return Object.assign(new Error(message), { errcode });
}

await replaceDriver(
  (DatabaseSync) =>
    class extends DatabaseSync {
      /** @override @param {string} sql */
      prepare(sql) {
        const statement = super.prepare(sql);
        const run = statement.run.bind(statement);
        const value = (/** @type {any[]} */ ...values) => {
          if (/^commit\b/i.test(sql)) return this.#commit(run);
          written = /^begin\b/i.test(sql) ? '' : written + sql.slice(0, SHOWS_TABLE);
          return run(...values);
        };
        return Object.defineProperty(statement, 'run', { value });
      }

      /** @param {() => any} run */
      #commit(run) {
        const fault = nextFault();
        if (fault === null) return run();
        super.prepare(fault === 'full' ? 'rollback' : 'commit').run();
        if (fault === 'lost') process.exit(3);
        throw fault === 'full'
          ? sqliteError('database or disk is full', FULL)
          : sqliteError('disk I/O error', IO_ERROR_OF_FSYNC);
      }
    },
);
