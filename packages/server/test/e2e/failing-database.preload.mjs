/**
 * A service whose database fails on demand: a file of the folder in `FAILURES_DIR` named `block-lookups` makes each look-up of
 * a key wait, one named `fail-commits` makes each commit fail.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { replaceDriver } from '../proof/crash/replace-driver.mjs';

const folder = process.env.FAILURES_DIR ?? '';
const BLOCKED_MS = 50;
const IO_ERROR = 10;

/** @param {string} name */
const isWanted = (name) => existsSync(join(folder, name));

/** Blocks this thread until the file is gone. */
function waitForLookups() {
  const never = new Int32Array(new SharedArrayBuffer(4));
  while (isWanted('block-lookups')) Atomics.wait(never, 0, 0, BLOCKED_MS);
}

function failCommit() {
  if (isWanted('fail-commits')) throw Object.assign(new Error('disk I/O error'), { errcode: IO_ERROR });
}

await replaceDriver(
  (DatabaseSync) =>
    class extends DatabaseSync {
      /** @override @param {string} sql */
      prepare(sql) {
        const statement = super.prepare(sql);
        if (isMainThread) return statement;
        if (/^select .*"api_key_secrets"/.test(sql)) return runBefore(statement, waitForLookups);
        if (sql === 'commit') return runBefore(statement, failCommit);
        return statement;
      }
    },
);

/** @param {any} statement @param {() => void} first @returns {any} a statement that calls `first` before each run */
function runBefore(statement, first) {
  const before =
    (/** @type {'all' | 'run'} */ method) =>
    (/** @type {unknown[]} */ ...values) => {
      first();
      return statement[method](...values);
    };
  return { columns: () => statement.columns(), all: before('all'), run: before('run') };
}
