import { type RawBuilder, type SqlBool, sql } from 'kysely';

/** Text without regard to case, alike in every engine. */
export function fold(text: string): string {
  return text.toLowerCase();
}

/**
 * Does the text stand anywhere in a column of folded text? The characters that LIKE gives a meaning to are taken as they
 * are.
 */
export function contains(foldedColumn: string, text: string): RawBuilder<SqlBool> {
  const literal = fold(text).replaceAll(/[\\%_]/g, '\\$&');
  return sql<SqlBool>`${sql.ref(foldedColumn)} like ${`%${literal}%`} escape '\\'`;
}
