/** The maximum number of rows in a piece, so that no engine gets too many parameters. */
const PIECE_MAX = 256;

/**
 * Splits the rows, in their order, into pieces whose lengths are powers of two. Statements over one piece then have few
 * different texts, so that an engine can cache all of them prepared.
 */
export function pieces<Row>(rows: readonly Row[]): Row[][] {
  const found: Row[][] = [];
  for (let start = 0; start < rows.length; ) {
    const length = Math.min(PIECE_MAX, 2 ** Math.floor(Math.log2(rows.length - start)));
    found.push(rows.slice(start, start + length));
    start += length;
  }
  return found;
}
