import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { fold } from './fold.ts';

/**
 * Does the text stand anywhere in a column of folded text? The characters that LIKE gives a meaning to are taken as they
 * are.
 */
export function contains(foldedColumn: string, text: string): RawBuilder<SqlBool> {
  const literal = fold(text).replaceAll(/[\\%_]/g, '\\$&');
  return sql<SqlBool>`${sql.ref(foldedColumn)} like ${`%${literal}%`} escape '\\'`;
}
