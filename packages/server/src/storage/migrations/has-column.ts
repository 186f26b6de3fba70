import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';

/** Does the database have the column? Works with any version of the schema. */
export async function hasColumn<Table extends keyof Tables>(
  db: Kysely<Tables>,
  table: Table,
  column: keyof Tables[Table] & string,
): Promise<boolean> {
  const tables = await db.introspection.getTables();
  return tables.some(({ name, columns }) => name === table && columns.some(({ name }) => name === column));
}
