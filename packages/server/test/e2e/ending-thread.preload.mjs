/** A service whose database ends its own thread where it is asked for roles to be written or for the audit log. */
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
