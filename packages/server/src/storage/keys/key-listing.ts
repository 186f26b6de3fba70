import type { Kysely } from 'kysely';
import type { KeyFilter, KeyPage, KeySort } from '../../domain/keys/key-store.ts';
import type { Page, Position } from '../../domain/shared/page.ts';
import { searchKey } from '../../domain/shared/text/search-key.ts';
import { areNullsLast, type NullRank, pageOf, rowsAfter, unindexed } from '../statements/keyset.ts';
import type { Tables } from '../tables.ts';
import { conditions, type Listing, lifeCondition } from './key-filter.ts';
import { type OwnedKeyRow, ownedKeys } from './key-rows.ts';

/** The maximum number of matches to fetch and sort. More matches are so frequent that an index scan soon fills a page. */
const FEW = 1_000;

/** The maximum number of keys to fetch by their ids. For more, a second search is cheaper than the list of ids. */
const HANDFUL = 100;

const SORT_COLUMNS = {
  createdAt: 'api_keys.created_at',
  name: 'api_keys.name_folded',
  lastUsedAt: 'api_keys.last_used_at',
  expiresAt: 'api_keys.expires_at',
} as const satisfies Record<KeySort, string>;

/** The sort columns that can be null: a key without use was used before all others, one without expiry expires after them. */
const NULLS: Readonly<Partial<Record<KeySort, NullRank>>> = { lastUsedAt: 'smallest', expiresAt: 'largest' };

/** A page of rows and the number of all matches, as in `KeyStore.list`. */
export interface FoundKeyRows extends Page<OwnedKeyRow> {
  readonly total: number;
}

/**
 * A page of keys, as in `KeyStore.list`. Searches an index that contains the columns of the filter, and fetches only the
 * keys of the page.
 */
export async function listKeyRows(
  db: Kysely<Tables>,
  listing: Listing,
  page: KeyPage,
): Promise<FoundKeyRows> {
  const ids = isEverything(listing.filter) ? null : await fewIds(db, listing);
  const rows = ids ? await pageOfFew(db, listing, page, ids) : await pageOfMany(db, listing, page);
  const total = ids?.length ?? (await count(db, listing));
  return { ...pageOf(rows, page, (row) => positionOf(row, page)), total };
}

/** The position has the original name, since its search key can be many times as long. */
function positionOf(row: OwnedKeyRow, { sortBy }: KeyPage): Position {
  const { id, name, created_at: createdAt, last_used_at: lastUsedAt, expires_at: expiresAt } = row;
  return { value: { name, createdAt, lastUsedAt, expiresAt }[sortBy], id };
}

/** Does the filter match every key on one side of `lifeCondition`? */
function isEverything({ status, ...others }: KeyFilter): boolean {
  return (status === undefined || status === 'revoked') && Object.keys(others).length === 0;
}

/** The ids of the matches; null if there are more than `FEW`. */
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

async function pageOfFew(
  db: Kysely<Tables>,
  listing: Listing,
  page: KeyPage,
  ids: readonly string[],
): Promise<OwnedKeyRow[]> {
  if (ids.length === 0) return [];
  const among = ids.length <= HANDFUL ? padded(ids) : matching(db, listing).select('api_keys.id');
  return ordered(ownedKeys(db).where('api_keys.id', 'in', among), page).execute();
}

/** Scans the index of the sort order. */
function pageOfMany(db: Kysely<Tables>, listing: Listing, page: KeyPage) {
  const keys = ownedKeys(db)
    .where('api_keys.workspace_id', '=', listing.workspaceId)
    .where((expression) => lifeCondition(expression, listing.filter))
    .where((expression) => unindexed(expression.and(conditions(expression, listing))));
  return ordered(keys, page).execute();
}

function ordered(
  keys: ReturnType<typeof ownedKeys>,
  { sortBy, sortOrder, limit, offset, after }: KeyPage,
): ReturnType<typeof ownedKeys> {
  const nulls = NULLS[sortBy];
  const order = { column: SORT_COLUMNS[sortBy], id: 'api_keys.id', sortOrder, ...(nulls && { nulls }) };
  const value = typeof after?.value === 'string' ? searchKey(after.value) : (after?.value ?? null);
  return keys
    .where(rowsAfter(order, after && { ...after, value }))
    .orderBy(SORT_COLUMNS[sortBy], (column) => {
      const directed = column[sortOrder]();
      if (!nulls) return directed;
      return areNullsLast(nulls, sortOrder) ? directed.nullsLast() : directed.nullsFirst();
    })
    .orderBy('api_keys.id', sortOrder)
    .limit(limit + 1)
    .offset(offset);
}

/** The ids, with the last one repeated up to a power of two, so that there are few different statements to prepare. */
function padded(ids: readonly string[]): string[] {
  const length = 2 ** Math.ceil(Math.log2(ids.length));
  return Array.from({ length }, (_, index) => ids[index] ?? (ids.at(-1) as string));
}
