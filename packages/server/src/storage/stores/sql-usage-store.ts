import {
  type CountedDenialCode,
  GRANULARITIES,
  type Granularity,
  type VerdictCode,
} from '@latchkey/contract';
import { type Kysely, sql } from 'kysely';
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
import { inParts, pieces } from '../statements/batch-query.ts';
import type { Tables } from '../tables.ts';
import { addToCount, addUsage } from './add-usage.ts';

/** The number of keys in one step of a roll-up, with all their counts of one coarse span. */
const KEYS_PER_STEP = 64;

export class SqlUsageStore implements UsageStore {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  add(usages: readonly KeyUsage[]): Promise<void> {
    return addUsage(this.#db, usages);
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

/** The start of the span that contains the count. */
function startOfSpan(granularity: Granularity) {
  const startsAt = sql.ref('usage_counts.starts_at');
  return sql<number>`${startsAt} - ${startsAt} % ${sql.lit(BUCKET_MS[granularity])}`;
}
