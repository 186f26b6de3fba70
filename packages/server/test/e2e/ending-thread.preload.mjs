/** Makes the database thread end itself when roles are written or the audit log is read. */
import { isMainThread } from 'node:worker_threads';
import { replaceDriver } from '../proof/crash/replace-driver.mjs';

const FATAL = /^insert into "roles"|^select .* from "audit_entries"/;

await replaceDriver(
  (DatabaseSync) =>
    class extends DatabaseSync {
      /** @override @param {string} sql */
      prepare(sql) {
        if (!isMainThread && FATAL.test(sql)) process.exit(3);
        return super.prepare(sql);
      }
    },
);
