/**
 * A service that forgets at each start what of the day quotas is used up. It is there to show that the proof of quotas
 * notices.
 */
import { replaceDriver } from './replace-driver.mjs';

let isForgotten = false;

await replaceDriver(
  (DatabaseSync) =>
    class extends DatabaseSync {
      /** @override @param {string} sql */
      prepare(sql) {
        if (!isForgotten && sql.includes('day_quotas')) {
          isForgotten = true;
          super.exec('DELETE FROM day_quotas');
        }
        return super.prepare(sql);
      }
    },
);
