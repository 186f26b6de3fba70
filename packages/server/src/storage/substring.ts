import { type RawBuilder, type SqlBool, sql } from 'kysely';

/**
 * Does a text, folded as the column is, appear anywhere in the column? The characters that LIKE gives a meaning to are
 * taken as they are.
 */
export function contains(foldedColumn: string, folded: string): RawBuilder<SqlBool> {
  const literal = folded.replaceAll(/[\\%_]/g, '\\$&');
  return sql<SqlBool>`${sql.ref(foldedColumn)} like ${`%${literal}%`} escape '\\'`;
}
