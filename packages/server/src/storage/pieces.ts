/** Within what every engine takes as parameters of one statement. */
const PIECE_MAX = 256;

/**
 * The rows in their order, in pieces whose lengths are powers of two: statements that are made of a whole piece have so
 * few different texts that an engine can keep all of them prepared.
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
