import type { Kysely } from 'kysely';
import type { DayQuotaStore } from '../domain/verification/limits/day-quota-store.ts';
import type { LimitedKey } from '../domain/verification/limits/quota-counters.ts';
import type { Tables } from './tables.ts';

export class SqlDayQuotaStore implements DayQuotaStore {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async take(
    { id }: LimitedKey,
    day: number,
    wanted: number,
    limit: number,
  ): Promise<{ granted: number; taken: number }> {
    for (;;) {
      const before = await this.#taken(id, day);
      const granted = Math.max(0, Math.min(wanted, limit - before));
      if (granted === 0) return { granted, taken: before };
      // Written only where nobody else has taken in between; else it is looked at again.
      if (await this.#advance(id, day, before, before + granted)) return { granted, taken: before + granted };
    }
  }

  async giveBack(keyId: string, day: number, unspent: number): Promise<void> {
    await this.#db
      .updateTable('day_quotas')
      .set((expression) => ({ taken: expression('taken', '-', unspent) }))
      .where('key_id', '=', keyId)
      .where('day', '=', day)
      .execute();
  }

  async purge(beforeDay: number): Promise<void> {
    await this.#db.deleteFrom('day_quotas').where('day', '<', beforeDay).execute();
  }

  async #taken(keyId: string, day: number): Promise<number> {
    const row = await this.#db
      .selectFrom('day_quotas')
      .select('taken')
      .where('key_id', '=', keyId)
      .where('day', '=', day)
      .executeTakeFirst();
    return row?.taken ?? 0;
  }

  async #advance(key_id: string, day: number, before: number, taken: number): Promise<boolean> {
    const result = await this.#db
      .insertInto('day_quotas')
      .values({ key_id, day, taken })
      .onConflict((conflict) =>
        conflict.columns(['key_id', 'day']).doUpdateSet({ taken }).where('day_quotas.taken', '=', before),
      )
      .executeTakeFirst();
    return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
  }
}
