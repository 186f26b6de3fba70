/**
 * Makes the service run without transactions: each statement commits by itself. Writes are slowed down a little, so that a
 * kill often comes between two statements. It shows that the proof of atomic changes detects this.
 */
import { replaceDriver } from './replace-driver.mjs';

const TRANSACTION = /^\s*(?:begin|commit|rollback|savepoint|release)\b/i;
const WRITE = /^\s*(?:insert|update|delete)\b/i;
const PAUSE_MS = 2;

const clock = new Int32Array(new SharedArrayBuffer(4));

await replaceDriver(
  (DatabaseSync) =>
    class extends DatabaseSync {
      /** @override @param {string} sql */
      prepare(sql) {
        const statement = super.prepare(TRANSACTION.test(sql) ? 'SELECT 1' : sql);
        if (WRITE.test(sql)) slowDown(statement);
        return statement;
      }
    },
);

/** @param {{ run: Function }} statement */
function slowDown(statement) {
  const run = statement.run.bind(statement);
  const value = (/** @type {unknown[]} */ ...values) => {
    const result = run(...values);
    Atomics.wait(clock, 0, 0, PAUSE_MS);
    return result;
  };
  Object.defineProperty(statement, 'run', { value });
}
