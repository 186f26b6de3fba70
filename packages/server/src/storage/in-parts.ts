/** So many values a statement may list. */
const PART = 500;

/** The values in lists that are short enough for one statement each. */
export function inParts<T>(values: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let start = 0; start < values.length; start += PART) parts.push(values.slice(start, start + PART));
  return parts;
}
