import type { Kysely } from 'kysely';
import { type CopiedTable, PRIMARY_KEYS } from '../primary-keys.ts';
import { pagesByKey } from '../statements/keyset.ts';
import type { Tables } from '../tables.ts';

/** Every copied table, in an order in which no row refers to a later table. */
export const COPIED_TABLES = Object.entries(PRIMARY_KEYS).flatMap(([name, key]) =>
  key === null ? [] : [name as CopiedTable],
);

/** A row with any columns. */
export type Row = Readonly<Record<string, string | number | null>>;

/** The same database, for statements over tables whose name is a variable. */
export type AnyTables = Kysely<Record<string, Row>>;

/** The number of rows in one read. */
const PAGE = 1_000;

/**
 * All rows of the table in the order of its primary key, in pages. Without the time of the head file, which belongs to one
 * database file and is not copied.
 */
export async function* pagesOf(db: Kysely<Tables>, table: CopiedTable): AsyncGenerator<readonly Row[]> {
  for await (const page of storedPages(db, table))
    yield table === 'installation' ? page.map((row) => ({ ...row, head_file_at: null })) : page;
}

async function* storedPages(db: Kysely<Tables>, table: CopiedTable): AsyncGenerator<readonly Row[]> {
  const key: readonly string[] = PRIMARY_KEYS[table];
  const all = (db as unknown as AnyTables).selectFrom(table).selectAll();
  if (key.length === 0) {
    yield await all.execute();
    return;
  }
  yield* pagesByKey(all, table, key, PAGE);
}

/** The number of rows as the engine counts them. */
export async function countRows(db: Kysely<Tables>, table: CopiedTable): Promise<number> {
  const { rows } = await (db as unknown as AnyTables)
    .selectFrom(table)
    .select(({ fn }) => fn.countAll<number>().as('rows'))
    .executeTakeFirstOrThrow();
  return Number(rows);
}
