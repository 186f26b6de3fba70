import { type RawBuilder, type SqlBool, sql } from 'kysely';

/**
 * Does the column contain the text, which must be folded like the column? The wildcards of LIKE match themselves.
 */
export function containsText(foldedColumn: string, folded: string): RawBuilder<SqlBool> {
  const literal = folded.replaceAll(/[\\%_]/g, '\\$&');
  return sql<SqlBool>`${sql.ref(foldedColumn)} like ${`%${literal}%`} escape '\\'`;
}

/** The text for comparisons that ignore case: NFC, in lower case. Done here, so that every engine gives the same result. */
export function foldText(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
