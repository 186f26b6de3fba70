import {
  type CountedDenialCode,
  GRANULARITIES,
  type Granularity,
  REFUSALS_KEPT,
  type VerdictCode,
} from '@latchkey/contract';
import { type Insertable, type Kysely, type OnConflictBuilder, sql } from 'kysely';
import { BUCKET_MS } from '../../domain/usage/bucket.ts';
import type {
  CountedKeys,
  DenialReason,
  KeptDenial,
  KeyCount,
  KeyUsage,
  Period,
  UsageCount,
  UsageStore,
} from '../../domain/usage/usage-store.ts';
import { BatchQuery, inParts, pieces } from '../statements/batch-query.ts';
import type { OldSecretUseTable, RefusalTable, Tables, UsageCountTable } from '../tables.ts';

/** The number of keys in one step of a roll-up, with all their counts of one coarse span. */
const KEYS_PER_STEP = 64;

export class SqlUsageStore implements UsageStore {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async add(usages: readonly KeyUsage[]): Promise<void> {
    await addCounts.run(this.#db, usages.flatMap(toCountRows));
    await addOldSecretUses.run(this.#db, usages.flatMap(toOldSecretRows));
    await moveLastUses.run(this.#db, lastUses(usages));
    const refusals = usages.flatMap(toRefusalRows);
    await keepRefusals.run(this.#db, refusals);
    await dropEarlyRefusals.run(this.#db, [...new Set(refusals.map(({ key_id }) => key_id))]);
  }

  async count(
    workspaceId: string,
    keyId: string,
    granularity: Granularity,
    from: number,
    until: number,
  ): Promise<UsageCount[]> {
    const span = startOfSpan(granularity);
    const rows = await this.#within({ workspaceId }, { granularity, from, until })
      .where('usage_counts.key_id', '=', keyId)
      .select(['usage_counts.code', span.as('starts_at'), total.as('count')])
      .groupBy(['usage_counts.code', span])
      .execute();
    return rows.map(toUsageCount);
  }

  async countByKey(workspaceId: string, keyIds: readonly string[], period: Period): Promise<KeyCount[]> {
    const counts: KeyCount[] = [];
    for (const part of inParts(keyIds)) {
      const rows = await this.#within({ workspaceId }, period)
        .where('usage_counts.key_id', 'in', part)
        .select(['usage_counts.key_id', 'usage_counts.code', total.as('count')])
        .groupBy(['usage_counts.key_id', 'usage_counts.code'])
        .execute();
      counts.push(...rows.map(toKeyCount));
    }
    return counts;
  }

  async countAll(of: CountedKeys, period: Period): Promise<UsageCount[]> {
    const span = startOfSpan(period.granularity);
    const rows = await this.#within(of, period)
      .select(['usage_counts.code', span.as('starts_at'), total.as('count')])
      .groupBy(['usage_counts.code', span])
      .execute();
    return rows.map(toUsageCount);
  }

  async busiestKeys(of: CountedKeys, period: Period, limit: number): Promise<string[]> {
    const rows = await this.#within(of, period)
      .select(['usage_counts.key_id', total.as('count')])
      .groupBy('usage_counts.key_id')
      .orderBy('count', 'desc')
      .orderBy('usage_counts.key_id')
      .limit(limit)
      .execute();
    return rows.map(({ key_id }) => key_id);
  }

  async mostDenials(of: CountedKeys, period: Period, limit: number): Promise<KeyCount[]> {
    const rows = await this.#within(of, period)
      .where('usage_counts.code', '<>', 'VALID')
      .select(['usage_counts.key_id', 'usage_counts.code', total.as('count')])
      .groupBy(['usage_counts.key_id', 'usage_counts.code'])
      .orderBy('count', 'desc')
      .orderBy('usage_counts.key_id')
      .orderBy('usage_counts.code')
      .limit(limit)
      .execute();
    return rows.map(toKeyCount);
  }

  #within({ workspaceId, ownerId }: CountedKeys, { granularity, from, until }: Period) {
    const upTo = GRANULARITIES.slice(0, GRANULARITIES.indexOf(granularity) + 1);
    const counts = this.#db
      .selectFrom('usage_counts')
      .innerJoin('api_keys', 'api_keys.id', 'usage_counts.key_id')
      .where('api_keys.workspace_id', '=', workspaceId)
      .where('usage_counts.granularity', 'in', upTo)
      .where('usage_counts.starts_at', '>=', from)
      .where('usage_counts.starts_at', '<', until);
    return ownerId === undefined ? counts : counts.where('api_keys.user_id', '=', ownerId);
  }

  async refusals(workspaceId: string, keyId: string): Promise<KeptDenial[]> {
    const rows = await this.#db
      .selectFrom('refusals')
      .innerJoin('api_keys', 'api_keys.id', 'refusals.key_id')
      .select(['refusals.code', 'refusals.refused_at', 'refusals.reason'])
      .where('api_keys.workspace_id', '=', workspaceId)
      .where('refusals.key_id', '=', keyId)
      .orderBy('refusals.refused_at', 'desc')
      .orderBy('refusals.code')
      .execute();
    return rows.map(({ code, refused_at: at, reason }) => ({
      at,
      code: code as CountedDenialCode,
      ...(JSON.parse(reason) as DenialReason),
    }));
  }

  async rollUp(fine: Granularity, coarse: Granularity, before: number): Promise<boolean> {
    const oldest = await this.#oldest(fine, before);
    if (oldest === null) return false;
    const startsAt = oldest - (oldest % BUCKET_MS[coarse]);
    const keyIds = await this.#keysWithin(fine, startsAt, startsAt + BUCKET_MS[coarse]);
    for (const piece of pieces(keyIds)) await this.#move(piece, fine, coarse, startsAt);
    return true;
  }

  async countOldSecret(workspaceId: string, keyId: string, from: number): Promise<number> {
    const row = await this.#db
      .selectFrom('old_secret_uses')
      .innerJoin('api_keys', 'api_keys.id', 'old_secret_uses.key_id')
      .select(({ fn }) => fn.sum<number | null>('old_secret_uses.count').as('count'))
      .where('api_keys.workspace_id', '=', workspaceId)
      .where('old_secret_uses.key_id', '=', keyId)
      .where('old_secret_uses.minute', '>=', from)
      .executeTakeFirst();
    return Number(row?.count ?? 0);
  }

  async purgeOldSecretUses(before: number): Promise<void> {
    await this.#db.deleteFrom('old_secret_uses').where('minute', '<', before).execute();
  }

  async purgeRefusals(before: number): Promise<void> {
    await this.#db.deleteFrom('refusals').where('minute', '<', before).execute();
  }

  async #oldest(granularity: Granularity, before: number): Promise<number | null> {
    const row = await this.#db
      .selectFrom('usage_counts')
      .select('starts_at')
      .where('granularity', '=', granularity)
      .where('starts_at', '<', before)
      .orderBy('starts_at')
      .limit(1)
      .executeTakeFirst();
    return row?.starts_at ?? null;
  }

  async #keysWithin(granularity: Granularity, from: number, until: number): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('usage_counts')
      .select('key_id')
      .distinct()
      .where('granularity', '=', granularity)
      .where('starts_at', '>=', from)
      .where('starts_at', '<', until)
      .limit(KEYS_PER_STEP)
      .execute();
    return rows.map(({ key_id }) => key_id);
  }

  async #move(
    keyIds: readonly string[],
    fine: Granularity,
    coarse: Granularity,
    startsAt: number,
  ): Promise<void> {
    const within = this.#db
      .selectFrom('usage_counts')
      .where('key_id', 'in', keyIds)
      .where('granularity', '=', fine)
      .where('starts_at', '>=', startsAt)
      .where('starts_at', '<', startsAt + BUCKET_MS[coarse]);
    await this.#db
      .insertInto('usage_counts')
      .columns(['key_id', 'code', 'granularity', 'starts_at', 'count'])
      .expression(
        within
          .select(['key_id', 'code', sql.lit(coarse).as('granularity')])
          .select(sql<number>`cast(${startsAt} as bigint)`.as('starts_at'))
          .select((expression) => expression.fn.sum<number>('count').as('count'))
          .groupBy(['key_id', 'code']),
      )
      .onConflict(addToCount)
      .execute();
    await this.#db
      .deleteFrom('usage_counts')
      .where('key_id', 'in', keyIds)
      .where('granularity', '=', fine)
      .where('starts_at', '>=', startsAt)
      .where('starts_at', '<', startsAt + BUCKET_MS[coarse])
      .execute();
  }
}

const total = sql<number>`sum(usage_counts.count)`;

function toUsageCount(row: { code: string; starts_at: number; count: number }): UsageCount {
  return { startsAt: Number(row.starts_at), code: row.code as VerdictCode, count: Number(row.count) };
}

function toKeyCount(row: { key_id: string; code: string; count: number }): KeyCount {
  return { keyId: row.key_id, code: row.code as VerdictCode, count: Number(row.count) };
}

type UsageConflict = OnConflictBuilder<Tables, 'usage_counts'>;

function addToCount(conflict: UsageConflict) {
  return conflict.columns(['key_id', 'granularity', 'starts_at', 'code']).doUpdateSet((expression) => ({
    count: expression('usage_counts.count', '+', expression.ref('excluded.count')),
  }));
}

/** The start of the span that contains the count. */
function startOfSpan(granularity: Granularity) {
  const startsAt = sql.ref('usage_counts.starts_at');
  return sql<number>`${startsAt} - ${startsAt} % ${sql.lit(BUCKET_MS[granularity])}`;
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
