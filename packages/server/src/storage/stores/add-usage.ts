import { REFUSALS_KEPT, type VerdictCode } from '@latchkey/contract';
import { type Insertable, type Kysely, type OnConflictBuilder, sql } from 'kysely';
import type { KeyUsage } from '../../domain/usage/usage-store.ts';
import { BatchQuery } from '../statements/batch-query.ts';
import type { OldSecretUseTable, RefusalTable, Tables, UsageCountTable } from '../tables.ts';

/** As `UsageStore.add`: every statement writes the rows of all keys. */
export async function addUsage(db: Kysely<Tables>, usages: readonly KeyUsage[]): Promise<void> {
  await addCounts.run(db, usages.flatMap(toCountRows));
  await addOldSecretUses.run(db, usages.flatMap(toOldSecretRows));
  await moveLastUses.run(db, lastUses(usages));
  const refusals = usages.flatMap(toRefusalRows);
  await keepRefusals.run(db, refusals);
  await dropEarlyRefusals.run(db, [...new Set(refusals.map(({ key_id }) => key_id))]);
}

/** Adds to the count of the same key, span and code. */
export function addToCount(conflict: OnConflictBuilder<Tables, 'usage_counts'>) {
  return conflict.columns(['key_id', 'granularity', 'starts_at', 'code']).doUpdateSet((expression) => ({
    count: expression('usage_counts.count', '+', expression.ref('excluded.count')),
  }));
}

function toCountRows({ keyId, minute, allowed, denied }: KeyUsage): Insertable<UsageCountTable>[] {
  const counts: [VerdictCode, number][] = Array.from(denied ?? [], ([code, { count }]) => [code, count]);
  if (allowed > 0) counts.unshift(['VALID', allowed]);
  const span = { key_id: keyId, granularity: 'minute', starts_at: minute };
  return counts.map(([code, count]) => ({ ...span, code, count }));
}

const addCounts = new BatchQuery<Insertable<UsageCountTable>>(
  (db, rows) => db.insertInto('usage_counts').values(rows).onConflict(addToCount).compile(),
  ({ key_id, granularity, starts_at, code, count }) => [key_id, granularity, starts_at, code, count],
);

const addOldSecretUses = new BatchQuery<OldSecretUseTable>(
  (db, rows) =>
    db
      .insertInto('old_secret_uses')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['key_id', 'minute']).doUpdateSet((expression) => ({
          count: expression('old_secret_uses.count', '+', expression.ref('excluded.count')),
        })),
      )
      .compile(),
  ({ key_id, minute, count }) => [key_id, minute, count],
);

const moveLastUses = new BatchQuery<LastUse>(
  (db, uses) => {
    // The casts are needed by engines that cannot infer the type of a parameter in `values`.
    const values = uses.map(
      ([keyId, at, presentAt, oldAt]) =>
        sql`(${keyId}, cast(${at} as bigint), cast(${presentAt} as bigint), cast(${oldAt} as bigint))`,
    );
    return db
      .with(
        'uses(id, used_at, secret_used_at, old_secret_used_at)',
        () => sql<UseRow>`(values ${sql.join(values)})`,
      )
      .updateTable('api_keys')
      .from('uses')
      .set(({ ref, fn }) => ({
        last_used_at: ref('uses.used_at'),
        secret_used_at: fn.coalesce('uses.secret_used_at', 'api_keys.secret_used_at'),
        old_secret_used_at: fn.coalesce('uses.old_secret_used_at', 'api_keys.old_secret_used_at'),
      }))
      .whereRef('api_keys.id', '=', 'uses.id')
      .where((expression) =>
        expression.or([
          expression('api_keys.last_used_at', 'is', null),
          expression('api_keys.last_used_at', '<', expression.ref('uses.used_at')),
        ]),
      )
      .compile();
  },
  (use) => use,
);

const keepRefusals = new BatchQuery<Insertable<RefusalTable>>(
  (db, rows) =>
    db
      .insertInto('refusals')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['key_id', 'code', 'minute']).doNothing())
      .compile(),
  ({ key_id, code, minute, refused_at, reason }) => [key_id, code, minute, refused_at, reason],
);

/** Deletes the denials of these keys except the latest ones of each code. */
const dropEarlyRefusals = new BatchQuery<string>(
  (db, keyIds) =>
    db
      .deleteFrom('refusals')
      .where('key_id', 'in', keyIds)
      .where(
        ({ selectFrom, fn }) =>
          selectFrom('refusals as later')
            .select(fn.countAll<number>().as('count'))
            .whereRef('later.key_id', '=', 'refusals.key_id')
            .whereRef('later.code', '=', 'refusals.code')
            .whereRef('later.minute', '>', 'refusals.minute'),
        '>=',
        sql.lit(REFUSALS_KEPT),
      )
      .compile(),
  (keyId) => [keyId],
);

/** The last use of a key, of its present secret and of its old one; null: none. */
type LastUse = readonly [keyId: string, at: number, presentAt: number | null, oldAt: number | null];

type UseRow = {
  id: string;
  used_at: number;
  secret_used_at: number | null;
  old_secret_used_at: number | null;
};

/** The latest uses of each key, since an update from several rows for one key would take any of them. */
function lastUses(usages: readonly KeyUsage[]): LastUse[] {
  const latest = new Map<string, { presentAt: number; oldAt: number }>();
  for (const { keyId, lastUsedAt, oldSecret } of usages) {
    const { presentAt, oldAt } = latest.get(keyId) ?? { presentAt: 0, oldAt: 0 };
    latest.set(keyId, {
      presentAt: Math.max(presentAt, lastUsedAt),
      oldAt: Math.max(oldAt, oldSecret?.lastUsedAt ?? 0),
    });
  }
  const uses = Array.from(latest, ([keyId, { presentAt, oldAt }]): LastUse => {
    return [keyId, Math.max(presentAt, oldAt), presentAt || null, oldAt || null];
  });
  return uses.filter(([, at]) => at > 0);
}

function toOldSecretRows({ keyId, minute, oldSecret }: KeyUsage): OldSecretUseTable[] {
  if (!oldSecret || oldSecret.allowed === 0) return [];
  return [{ key_id: keyId, minute, count: oldSecret.allowed }];
}

function toRefusalRows({ keyId, minute, denied }: KeyUsage): Insertable<RefusalTable>[] {
  return Array.from(denied ?? [], ([code, { first }]) => ({
    key_id: keyId,
    code,
    minute,
    refused_at: first.at,
    reason: JSON.stringify(first.reason),
  }));
}
