import { printable } from './output.ts';
import type { Format, Style } from './style.ts';
import { type Terminal, widthOf } from './terminal.ts';

export interface Column<Row> {
  readonly title: string;
  text(row: Row): string;
  /** If the table is too wide, the column with the lowest importance is dropped first. */
  readonly importance: number;
  /** The smallest width to which the column may be cut; undefined: it is never cut. */
  readonly widthMin?: number;
  format?(row: Row): Format;
}

interface Sized<Row> {
  readonly column: Column<Row>;
  readonly cells: readonly string[];
  width: number;
}

const GAP = '  ';

/**
 * Formats rows under column titles, with no line wider than `width`: cuts columns that may be cut with `…`, then drops the
 * least important columns. Without `width`, shows everything.
 */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  style: Style,
  width = Number.POSITIVE_INFINITY,
): string[] {
  const sized = fit(
    columns.map((column) => size(column, rows)),
    width,
  );
  const title = line(
    sized,
    ({ column }) => column.title,
    (_, text) => style('bold', text),
  );
  const body = rows.map((row, index) =>
    line(
      sized,
      ({ cells }) => cells[index] ?? '',
      ({ column }, text) => (column.format ? style(column.format(row), text) : text),
    ),
  );
  return [title, ...body];
}

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

function size<Row>(column: Column<Row>, rows: readonly Row[]): Sized<Row> {
  const cells = rows.map((row) => printable(column.text(row)));
  return { column, cells, width: Math.max(textWidth(column.title), ...cells.map(textWidth)) };
}

function fit<Row>(columns: readonly Sized<Row>[], width: number): Sized<Row>[] {
  let kept = [...columns];
  while (kept.length > 1 && totalWidth(kept, widthMinOf) > width) kept = withoutLeastImportant(kept);
  let excess = totalWidth(kept, (sized) => sized.width) - width;
  for (const sized of kept) {
    if (excess <= 0) break;
    const cut = Math.min(excess, sized.width - (kept.length === 1 ? 1 : widthMinOf(sized)));
    sized.width -= cut;
    excess -= cut;
  }
  return kept;
}

function withoutLeastImportant<Row>(columns: readonly Sized<Row>[]): Sized<Row>[] {
  const least = Math.min(...columns.map(({ column }) => column.importance));
  return columns.filter(({ column }) => column.importance !== least);
}

function widthMinOf<Row>({ column, width }: Sized<Row>): number {
  return Math.min(width, column.widthMin ?? width);
}

function totalWidth<Row>(columns: readonly Sized<Row>[], widthOf: (sized: Sized<Row>) => number): number {
  return columns.reduce((total, sized) => total + widthOf(sized), GAP.length * (columns.length - 1));
}

function line<Row>(
  columns: readonly Sized<Row>[],
  textOf: (sized: Sized<Row>) => string,
  paint: (sized: Sized<Row>, text: string) => string,
): string {
  const cells = columns.map((sized, index) => {
    const text = cutToWidth(textOf(sized), sized.width);
    const padding =
      index === columns.length - 1 ? '' : ' '.repeat(Math.max(0, sized.width - textWidth(text)));
    return paint(sized, text) + padding;
  });
  return cells.join(GAP).trimEnd();
}

/** A label, and one or more lines of text. */
export type Fact = readonly [label: string, text: string | readonly string[]];

/** One fact per line, with aligned texts. */
export function facts(list: readonly Fact[], style: Style): string[] {
  const width = Math.max(...list.map(([label]) => textWidth(label)));
  return list.flatMap(([label, text]) =>
    [text].flat().map((part, index) => {
      const head = padToWidth(index === 0 ? label : '', width);
      return `${style('dim', head)}${GAP}${printable(part)}`;
    }),
  );
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

const INVISIBLE = /^[\p{M}\p{Cf}]+$/u;
// The blocks of wide characters (Unicode Standard Annex 11) and emoji, without those that are narrow by default.
const WIDE =
  /^[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]|^\p{Emoji_Presentation}|\uFE0F/u;

/** The width of the text on a terminal, in columns. */
export function textWidth(text: string): number {
  return split(text).reduce((width, grapheme) => width + graphemeWidth(grapheme), 0);
}

/** Pads the text with spaces at its end, up to the width in columns. */
export function padToWidth(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}

/** Cuts a text that is wider than `width` columns, and ends it with `…`. */
export function cutToWidth(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let cut = '';
  let used = 1;
  for (const grapheme of split(text)) {
    used += graphemeWidth(grapheme);
    if (used > width) break;
    cut += grapheme;
  }
  return `${cut}…`;
}

function split(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

function graphemeWidth(grapheme: string): number {
  if (INVISIBLE.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}
