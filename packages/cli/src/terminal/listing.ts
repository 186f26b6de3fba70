import type { Style } from './style.ts';
import { type Column, table } from './table.ts';
import { type Terminal, widthOf } from './terminal.ts';

/** The rows as a table that fits the terminal; `none` if there are no rows. */
export function listing<Row>(
  { stdout }: Terminal,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  style: Style,
  none: string,
): string[] {
  return rows.length === 0 ? [none] : table(columns, rows, style, widthOf(stdout));
}
