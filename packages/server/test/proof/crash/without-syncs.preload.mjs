/**
 * Makes SQLite leave writing to the disk to the operating system: `synchronous` is OFF, whatever the service sets. It shows
 * that the proof of durability detects this.
 */
import { replaceDriver } from './replace-driver.mjs';

await replaceDriver(
  (DatabaseSync) =>
    class extends DatabaseSync {
      /** @override @param {string} sql */
      exec(sql) {
        super.exec(sql);
        if (/synchronous/i.test(sql)) super.exec('PRAGMA synchronous = OFF');
      }
    },
);
