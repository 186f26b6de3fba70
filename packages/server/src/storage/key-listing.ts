import type { Kysely } from 'kysely';
import type { KeyFilter, KeyPage, KeySort } from '../domain/keys/key-store.ts';
import { conditions, type Listing, lifeCondition } from './key-filter.ts';
import { ownedKeys } from './key-query.ts';
import type { OwnedKeyRow } from './key-rows.ts';
import type { Tables } from './tables.ts';

/** So many matches are fetched and sorted. Where there are more, walking in the order asked for soon finds a page of them. */
const FEW = 1_000;

/** So many are fetched by their ids. With more, it is cheaper to look for them once more than to hand over so many ids. */
const HANDFUL = 100;

const SORT_COLUMNS = {
  createdAt: 'api_keys.created_at',
  name: 'api_keys.name_folded',
  lastUsedAt: 'api_keys.last_used_at',
  expiresAt: 'api_keys.expires_at',
} as const satisfies Record<KeySort, string>;

/**
 * A page of keys as `KeyStore.list` has it. The matches are looked for in an index that has what the filter asks about, and
 * only the keys of the page are fetched.
 */
export async function listKeyRows(
  db: Kysely<Tables>,
  listing: Listing,
  page: KeyPage,
): Promise<{ rows: OwnedKeyRow[]; total: number }> {
  const ids = isEverything(listing.filter) ? null : await fewIds(db, listing);
  if (!ids) return { rows: await pageOfMany(db, listing, page), total: await count(db, listing) };
  if (ids.length === 0) return { rows: [], total: 0 };
  const among = ids.length <= HANDFUL ? padded(ids) : matching(db, listing).select('api_keys.id');
  const rows = await ordered(ownedKeys(db).where('api_keys.id', 'in', among), page).execute();
  return { rows, total: ids.length };
}

/** Does the filter ask for every key on one side of `lifeCondition`? */
function isEverything({ status, ...others }: KeyFilter): boolean {
  return (status === undefined || status === 'revoked') && Object.keys(others).length === 0;
}

/** The ids of the matches; null where they are not few. */
async function fewIds(db: Kysely<Tables>, listing: Listing): Promise<string[] | null> {
  const found = await matching(db, listing)
    .select('api_keys.id')
    .limit(FEW + 1)
    .execute();
  return found.length > FEW ? null : found.map(({ id }) => id);
}

function matching(db: Kysely<Tables>, listing: Listing) {
  return db
    .selectFrom('api_keys')
    .where('api_keys.workspace_id', '=', listing.workspaceId)
    .where((expression) => lifeCondition(expression, listing.filter))
    .where((expression) => expression.and(conditions(expression, listing)));
}

async function count(db: Kysely<Tables>, listing: Listing): Promise<number> {
  const { total } = await matching(db, listing)
    .select((expression) => expression.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  return Number(total);
}

/** The conditions stand inside a CASE, where no index can serve them: the one to be used is that of the order. */
function pageOfMany(db: Kysely<Tables>, listing: Listing, page: KeyPage) {
  const keys = ownedKeys(db)
    .where('api_keys.workspace_id', '=', listing.workspaceId)
    .where((expression) => lifeCondition(expression, listing.filter))
    .where((expression) => {
      const isMatch = expression.and(conditions(expression, listing));
      return expression(expression.case().when(isMatch).then(1).else(0).end(), '=', 1);
    });
  return ordered(keys, page).execute();
}

function ordered(
  keys: ReturnType<typeof ownedKeys>,
  { sortBy, sortOrder, limit, offset }: KeyPage,
): ReturnType<typeof ownedKeys> {
  return keys
    .orderBy(SORT_COLUMNS[sortBy], (order) =>
      sortOrder === 'asc' ? order.asc().nullsLast() : order.desc().nullsFirst(),
    )
    .orderBy('api_keys.id', sortOrder)
    .limit(limit)
    .offset(offset);
}

/** The same ids, the last one repeated, so that there are few lengths of the list and few statements to prepare. */
function padded(ids: readonly string[]): string[] {
  const length = 2 ** Math.ceil(Math.log2(ids.length));
  return Array.from({ length }, (_, index) => ids[index] ?? (ids.at(-1) as string));
}
