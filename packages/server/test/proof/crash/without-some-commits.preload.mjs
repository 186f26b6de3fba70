/**
 * Makes the service acknowledge every change but roll back some of them. It shows that the proof of acknowledged changes
 * detects this.
 */
import { replaceDriver } from './replace-driver.mjs';

const EVERY = 10;
let commits = 0;

await replaceDriver(
  (DatabaseSync) =>
    class extends DatabaseSync {
      /** @override @param {string} sql */
      prepare(sql) {
        const statement = super.prepare(sql);
        if (!/^\s*commit\b/i.test(sql)) return statement;
        const commit = statement.run.bind(statement);
        const rollback = super.prepare('rollback');
        const value = () => (++commits % EVERY === 0 ? rollback.run() : commit());
        return Object.defineProperty(statement, 'run', { value });
      }
    },
);
