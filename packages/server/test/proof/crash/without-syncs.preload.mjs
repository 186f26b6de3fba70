/**
 * A service whose SQLite leaves writing to the disk to the system: `synchronous` is OFF, whatever the service sets. It is
 * there to show that the proof of durability notices.
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
