/**
 * A service whose transactions are none: each statement is a change by itself. Writing takes a little longer than it has
 * to, so that a kill often comes between two statements. It is there to show that the proof of whole changes notices.
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
