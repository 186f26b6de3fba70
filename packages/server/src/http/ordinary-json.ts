import { DEPTH_MAX, FORBIDDEN_NAMES, isExact, MEMBERS_MAX } from './inspect-json.ts';

/**
 * Is it plain from the value that `inspectJson` has nothing against its text? To look at the value takes a fraction of
 * what the tokens take. Where a name stands twice the value has lost a string: then the text has quotes to spare.
 */
export function isOrdinaryJson(text: string, value: unknown): boolean {
  return !text.includes('\\') && 2 * stringsIn(value, 1) === quotesIn(text);
}

/** How many strings a value is made of, names included; NaN where something in it is out of the ordinary. */
function stringsIn(value: unknown, depth: number): number {
  if (typeof value === 'string') return 1;
  if (typeof value === 'number') return isExact(value) ? 0 : Number.NaN;
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > DEPTH_MAX) return Number.NaN;
  return Array.isArray(value) ? stringsInAll(value, depth) : stringsInObject(value, depth);
}

function stringsInObject(value: object, depth: number): number {
  const names = Object.keys(value);
  const isOrdinary = names.length <= MEMBERS_MAX && !names.some((name) => FORBIDDEN_NAMES.has(name));
  return isOrdinary ? names.length + stringsInAll(Object.values(value), depth) : Number.NaN;
}

function stringsInAll(values: readonly unknown[], depth: number): number {
  let strings = 0;
  for (const value of values) strings += stringsIn(value, depth + 1);
  return strings;
}

function quotesIn(text: string): number {
  let quotes = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) quotes++;
  return quotes;
}
