import type { SortOrder } from '@latchkey/contract';
import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Page, PageRequest, Position } from '../../domain/shared/page.ts';

/** The sort order of rows. Nulls come last in ascending and first in descending order. */
interface KeysetOrder {
  readonly column: string;
  /** Breaks ties, in the same order. */
  readonly id: string;
  readonly sortOrder: SortOrder;
  readonly hasNulls?: boolean;
}

/**
 * The condition for the rows after the position (keyset pagination); every row if it is null. It is a range of an index over
 * the column and the id, except in ascending order of a column with nulls, where the index is read from its beginning.
 */
export function rowsAfter(
  { column, id, sortOrder, hasNulls = false }: KeysetOrder,
  position: Position | null,
): RawBuilder<SqlBool> {
  if (position === null) return sql<SqlBool>`1 = 1`;
  const { value, id: lastId } = position;
  const [by, tie] = [sql.ref(column), sql.ref(id)];
  if (sortOrder === 'desc') {
    if (value !== null) return sql<SqlBool>`(${by}, ${tie}) < (${value}, ${lastId})`;
    return sql<SqlBool>`((${by} is null and ${tie} < ${lastId}) or ${by} is not null)`;
  }
  if (value === null) return sql<SqlBool>`(${by} is null and ${tie} > ${lastId})`;
  const after = sql<SqlBool>`(${by}, ${tie}) > (${value}, ${lastId})`;
  return hasNulls ? sql<SqlBool>`(${after} or ${by} is null)` : after;
}

/** A page from rows that were read with `limit + 1`, so that the extra row shows whether there is a next page. */
export function pageOf<Row>(
  rows: readonly Row[],
  { limit }: Pick<PageRequest, 'limit'>,
  positionOf: (row: Row) => Position,
): Page<Row> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: last && rows.length > limit ? positionOf(last) : null };
}

/** Hides the condition from the query planner in a CASE, so that it uses the index of the other conditions and the order. */
export function unindexed(condition: Expression<SqlBool>): RawBuilder<SqlBool> {
  return sql<SqlBool>`case when ${condition} then 1 else 0 end = 1`;
}
