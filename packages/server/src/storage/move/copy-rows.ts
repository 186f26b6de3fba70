import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import { ChainCheck } from '../../domain/audit/chain-check.ts';
import { chainLines } from '../../domain/audit/list-log.ts';
import { OperatorError } from '../../domain/shared/operator-error.ts';
import type { Database } from '../engines/engine.ts';
import type { CopiedTable } from '../primary-keys.ts';
import { BatchQuery } from '../statements/batch-query.ts';
import { SqlAuditStore } from '../stores/sql-audit-store.ts';
import type { Tables } from '../tables.ts';
import { type AnyTables, COPIED_TABLES, countRows, pagesOf, type Row } from './copied-tables.ts';

/** The steps of a copy. Each reads every row, or every entry of the audit log, once. */
export type CopyStep = 'copy' | 'compare' | 'verify the audit log';

/** Called with the part of the step that is done, from 0 to 1. */
export type OnCopyProgress = (step: CopyStep, part: number) => void;

/** The rows of a table, on both sides. */
export interface CopiedRows {
  readonly table: CopiedTable;
  readonly rows: number;
  /** SHA-256 over the rows, in hexadecimal. */
  readonly checksum: string;
}

export interface CopyOrder {
  readonly source: Database;
  /** With the same schema. */
  readonly target: Database;
  readonly onProgress: OnCopyProgress;
  /** Called when all is copied and checked, before it is committed. If it rejects, nothing is. */
  readonly beforeCommit: () => Promise<void>;
}

/**
 * Copies every row in one transaction of the target, which must be empty. Before the commit it reads both sides again and
 * compares their checksums and the engines' counts of rows, and verifies every chain of the audit log on the target. Throws
 * OperatorError if the target has rows, or if anything differs. If it throws, the target is as it was.
 */
export async function copyRows({
  source,
  target,
  onProgress,
  beforeCommit,
}: CopyOrder): Promise<readonly CopiedRows[]> {
  return source.snapshot((from) =>
    target.db.transaction().execute(async (to) => {
      await requireEmpty(to);
      const counts = await countAll(from);
      const total = [...counts.values()].reduce((sum, rows) => sum + rows, 0);
      const report = (step: CopyStep, of: number) => progressOf((part) => onProgress(step, part), of);
      const onCopied = report('copy', total);
      for (const table of COPIED_TABLES) await copyTable(from, to, table, onCopied);
      const compared = await compare(from, to, counts, report('compare', 2 * total));
      await verifyChains(to, report('verify the audit log', counts.get('audit_entries') ?? 0));
      await beforeCommit();
      return compared;
    }),
  );
}

/** Adds up the rows that are done. */
function progressOf(report: (part: number) => void, total: number): (rows: number) => void {
  let done = 0;
  return (rows) => {
    done += rows;
    report(Math.min(done / Math.max(total, 1), 1));
  };
}

async function requireEmpty(db: Kysely<Tables>): Promise<void> {
  for (const table of COPIED_TABLES) {
    const row = await (db as unknown as AnyTables).selectFrom(table).selectAll().limit(1).executeTakeFirst();
    if (row)
      throw new OperatorError(
        `the database to copy to is not empty: its table ${table} has rows. Name an empty one. Nothing was changed`,
      );
  }
}

async function countAll(db: Kysely<Tables>): Promise<ReadonlyMap<CopiedTable, number>> {
  const counts = new Map<CopiedTable, number>();
  for (const table of COPIED_TABLES) counts.set(table, await countRows(db, table));
  return counts;
}

/** Reads the next page while the one before is written. No statement is pending when it returns or throws. */
async function copyTable(
  from: Kysely<Tables>,
  to: Kysely<Tables>,
  table: CopiedTable,
  onRows: (rows: number) => void,
): Promise<void> {
  let insert: BatchQuery<Row> | null = null;
  let pending: Promise<void> = Promise.resolve();
  try {
    for await (const page of pagesOf(from, table)) {
      insert ??= insertInto(table, Object.keys(page[0] ?? {}));
      await pending;
      pending = insert.run(to, page);
      // Its error is thrown where it is awaited.
      pending.catch(() => {});
      onRows(page.length);
    }
  } finally {
    await pending;
  }
}

function insertInto(table: CopiedTable, columns: readonly string[]): BatchQuery<Row> {
  const valuesOf = (row: Row) => columns.map((column) => row[column] ?? null);
  return new BatchQuery<Row>(
    (db, rows) =>
      (db as unknown as AnyTables)
        .insertInto(table)
        .values(rows.map((row) => Object.fromEntries(columns.map((column) => [column, row[column] ?? null]))))
        .compile(),
    valuesOf,
  );
}

async function compare(
  from: Kysely<Tables>,
  to: Kysely<Tables>,
  counts: ReadonlyMap<CopiedTable, number>,
  onRows: (rows: number) => void,
): Promise<CopiedRows[]> {
  const compared: CopiedRows[] = [];
  for (const table of COPIED_TABLES) {
    const [original, copy, counted] = await Promise.all([
      checksumOf(from, table, onRows),
      checksumOf(to, table, onRows),
      countRows(to, table),
    ]);
    const rows = new Set([counts.get(table), counted, original.rows, copy.rows]);
    if (rows.size > 1 || original.checksum !== copy.checksum)
      throw new OperatorError(
        `the copy of the table ${table} differs from the original (${original.rows} and ${copy.rows} rows). Nothing was changed`,
      );
    compared.push({ table, ...copy });
  }
  return compared;
}

/** Over the names of the columns and the values of each row, in the order of the primary key. */
async function checksumOf(db: Kysely<Tables>, table: CopiedTable, onRows: (rows: number) => void) {
  const hash = createHash('sha256');
  let columns: string[] | null = null;
  let rows = 0;
  for await (const page of pagesOf(db, table)) {
    const names: string[] = columns ?? Object.keys(page[0] ?? {}).sort();
    if (columns === null) hash.update(`${JSON.stringify(names)}\n`);
    columns = names;
    for (const row of page) hash.update(`${JSON.stringify(names.map((name) => row[name]))}\n`);
    rows += page.length;
    onRows(page.length);
  }
  return { rows, checksum: hash.digest('hex') };
}

/** One checksum over those of all tables, in hexadecimal. */
export function checksumOfAll(tables: readonly CopiedRows[]): string {
  const hash = createHash('sha256');
  for (const { table, rows, checksum } of tables) hash.update(`${table} ${rows} ${checksum}\n`);
  return hash.digest('hex');
}

async function verifyChains(db: Kysely<Tables>, onEntries: (entries: number) => void): Promise<void> {
  const audit = new SqlAuditStore(db);
  for (const workspaceId of await audit.workspacesBefore(Number.MAX_SAFE_INTEGER)) {
    const check = new ChainCheck();
    for await (const line of chainLines(audit, workspaceId)) {
      check.read(line);
      onEntries(1);
    }
    const verdict = check.finish();
    if (!verdict.isIntact)
      throw new OperatorError(
        `the audit log of ${workspaceId} is not intact: entry ${verdict.sequence} was ${verdict.tampering}. See \`latchkey audit verify\`. Nothing was changed`,
      );
  }
}
