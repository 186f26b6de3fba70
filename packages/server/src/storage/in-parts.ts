/** The maximum number of values in the list of one statement. */
const PART = 500;

/** Splits the values into lists that are short enough for one statement. */
export function inParts<T>(values: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let start = 0; start < values.length; start += PART) parts.push(values.slice(start, start + PART));
  return parts;
}
