/**
 * Makes the service lose the used day quotas at each start, to show that the proof of quotas detects it.
 */
import { replaceDriver } from './replace-driver.mjs';

await replaceDriver(
  (DatabaseSync) =>
    class extends DatabaseSync {
      /** @override @param {string} sql */
      exec(sql) {
        super.exec(sql);
        // The connection that writes sets this when it is opened, and no other one.
        if (!/journal_mode = wal/i.test(sql)) return;
        const table = "SELECT name FROM sqlite_master WHERE name = 'day_quotas'";
        if (super.prepare(table).get() !== undefined) super.exec('DELETE FROM day_quotas');
      }
    },
);
