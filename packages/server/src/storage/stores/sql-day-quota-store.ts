import type { Kysely } from 'kysely';
import type { DayQuotaStore, Lease } from '../../domain/verification/limits/day-quota-store.ts';
import type { LimitedKey } from '../../domain/verification/limits/quota-counters.ts';
import type { Database } from '../engines/engine.ts';
import { PreparedQuery } from '../statements/prepared-query.ts';
import type { Tables } from '../tables.ts';

export class SqlDayQuotaStore implements DayQuotaStore {
  readonly #db: Kysely<Tables>;
  readonly #database: Pick<Database, 'transact'>;

  constructor(database: Pick<Database, 'db' | 'transact'>) {
    this.#db = database.db;
    this.#database = database;
  }

  take(
    { id }: LimitedKey,
    day: number,
    wanted: number,
    limit: number,
  ): Promise<{ granted: number; taken: number }> {
    return this.#database.transact(async (db) => {
      for (;;) {
        const before = await takenOf(db, id, day);
        const granted = Math.max(0, Math.min(wanted, limit - before));
        if (granted === 0) return { granted, taken: before };
        // Compare-and-set: if another call has changed the count since it was read, read it again.
        if (await advance(db, id, day, before, before + granted)) return { granted, taken: before + granted };
      }
    });
  }

  taken(keyId: string, day: number): Promise<number> {
    return takenOf(this.#db, keyId, day);
  }

  async add(handedOut: readonly Lease[]): Promise<void> {
    await this.#database.transact((db) => Promise.all(handedOut.map((lease) => count.run(db, lease))));
  }

  async giveBack(unspent: readonly Lease[]): Promise<void> {
    // One statement for each, since SQLite would read the whole table for one statement over many keys.
    await this.#database.transact((db) => Promise.all(unspent.map((lease) => takeBack.run(db, lease))));
  }

  async purge(beforeDay: number): Promise<void> {
    await this.#db.deleteFrom('day_quotas').where('day', '<', beforeDay).execute();
  }
}

const count = new PreparedQuery((db, { keyId: key_id, day, calls: taken }: Lease) =>
  db
    .insertInto('day_quotas')
    .values({ key_id, day, taken })
    .onConflict((conflict) =>
      conflict
        .columns(['key_id', 'day'])
        .doUpdateSet((expression) => ({ taken: expression('day_quotas.taken', '+', taken) })),
    ),
);

const takeBack = new PreparedQuery((db, { keyId, day, calls }: Lease) =>
  db
    .updateTable('day_quotas')
    .set((expression) => ({ taken: expression('taken', '-', calls) }))
    .where('key_id', '=', keyId)
    .where('day', '=', day),
);

async function takenOf(db: Kysely<Tables>, keyId: string, day: number): Promise<number> {
  const row = await db
    .selectFrom('day_quotas')
    .select('taken')
    .where('key_id', '=', keyId)
    .where('day', '=', day)
    .executeTakeFirst();
  return row?.taken ?? 0;
}

async function advance(
  db: Kysely<Tables>,
  key_id: string,
  day: number,
  before: number,
  taken: number,
): Promise<boolean> {
  const result = await db
    .insertInto('day_quotas')
    .values({ key_id, day, taken })
    .onConflict((conflict) =>
      conflict.columns(['key_id', 'day']).doUpdateSet({ taken }).where('day_quotas.taken', '=', before),
    )
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}
