import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely';

/** Hides the condition from the query planner in a CASE, so that it uses the index of the other conditions and the order. */
export function unindexed(condition: Expression<SqlBool>): RawBuilder<SqlBool> {
  return sql<SqlBool>`case when ${condition} then 1 else 0 end = 1`;
}
