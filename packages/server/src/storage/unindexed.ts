import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely';

/** The condition in a CASE, where no index can serve it: a query then uses the index of its other conditions and its order. */
export function unindexed(condition: Expression<SqlBool>): RawBuilder<SqlBool> {
  return sql<SqlBool>`case when ${condition} then 1 else 0 end = 1`;
}
