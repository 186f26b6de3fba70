import type { SortOrder } from '@latchkey/contract';
import { type Expression, type RawBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import type { Page, PageRequest, Position } from '../../domain/shared/page.ts';

/** Whether a null counts as less or as more than every value of its column. */
export type NullRank = 'smallest' | 'largest';

/** The sort order of rows. */
interface KeysetOrder {
  readonly column: string;
  /** Breaks ties, in the same order. */
  readonly id: string;
  readonly sortOrder: SortOrder;
  /** Left out: the column has no nulls. */
  readonly nulls?: NullRank;
}

/** Do nulls come after all values in this order? */
export const areNullsLast = (nulls: NullRank, sortOrder: SortOrder): boolean =>
  (nulls === 'largest') === (sortOrder === 'asc');

/**
 * The condition for the rows after the position (keyset pagination); every row if it is null. It is a range of an index over
 * the column and the id, except after a value in an order with nulls at its end, where the index is read from its beginning.
 */
export function rowsAfter(
  { column, id, sortOrder, nulls }: KeysetOrder,
  position: Position | null,
): RawBuilder<SqlBool> {
  if (position === null) return sql<SqlBool>`1 = 1`;
  const { value, id: lastId } = position;
  const [by, tie] = [sql.ref(column), sql.ref(id)];
  const isAfter = sortOrder === 'asc' ? sql`>` : sql`<`;
  const hasNullsLast = nulls !== undefined && areNullsLast(nulls, sortOrder);
  if (value === null) {
    const nullsAfter = sql<SqlBool>`(${by} is null and ${tie} ${isAfter} ${lastId})`;
    return hasNullsLast ? nullsAfter : sql<SqlBool>`(${nullsAfter} or ${by} is not null)`;
  }
  const after = sql<SqlBool>`(${by}, ${tie}) ${isAfter} (${value}, ${lastId})`;
  return hasNullsLast ? sql<SqlBool>`(${after} or ${by} is null)` : after;
}

/**
 * All rows of the query in the order of the primary key of the table, in pages of `size`, of which none is empty. Rows that are
 * changed meanwhile are read once or, if they leave the query, not at all.
 */
export async function* pagesByKey<DB, Table extends keyof DB, Row>(
  query: SelectQueryBuilder<DB, Table, Row>,
  table: string,
  key: readonly string[],
  size: number,
): AsyncGenerator<readonly Row[]> {
  const columns = key.map((column) => `${table}.${column}`);
  const ordered = columns.reduce((rows, column) => rows.orderBy(sql.ref(column)), query).limit(size);
  const valuesOf = (row: Row) => key.map((column) => (row as Readonly<Record<string, unknown>>)[column]);
  for (let next = ordered; ; ) {
    const page = await next.execute();
    const last = page.at(-1);
    if (last !== undefined) yield page;
    if (last === undefined || page.length < size) return;
    next = ordered.where(afterKey(columns, valuesOf(last)));
  }
}

/** The condition for the rows whose columns, in this order, are greater than the values. */
function afterKey(columns: readonly string[], values: readonly unknown[]): RawBuilder<SqlBool> {
  return sql<SqlBool>`(${sql.join(columns.map((column) => sql.ref(column)))}) > (${sql.join(values)})`;
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
