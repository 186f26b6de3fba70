/** Makes the database thread end itself when roles are written or the event types of the audit log are read. */
import { isMainThread } from 'node:worker_threads';
import { replaceDriver } from '../proof/crash/replace-driver.mjs';

const FATAL = /^insert into "roles"|^select distinct .* from "audit_entries"/;

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
