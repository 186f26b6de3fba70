import { type Kysely, PostgresAdapter, sql } from 'kysely';

/** A column that refers to the table that is replaced. */
interface Reference {
  readonly table: string;
  readonly column: string;
}

/**
 * Runs work that drops a table, to which the columns refer, and creates it again. The references are checked when the work
 * has ended.
 */
export async function replaceReferenced(
  db: Kysely<unknown>,
  target: string,
  references: readonly Reference[],
  work: () => Promise<void>,
): Promise<void> {
  if (!(db.getExecutor().adapter instanceof PostgresAdapter)) {
    // SQLite: the references are checked at the commit.
    await sql`pragma defer_foreign_keys = on`.execute(db);
    return work();
  }
  for (const { table, column } of references)
    await db.schema.alterTable(table).dropConstraint(nameOf(table, column)).execute();
  await work();
  for (const { table, column } of references)
    await db.schema
      .alterTable(table)
      .addForeignKeyConstraint(nameOf(table, column), [column], target, ['id'])
      .execute();
}

/** As PostgreSQL names it. */
function nameOf(table: string, column: string): string {
  return `${table}_${column}_fkey`;
}
