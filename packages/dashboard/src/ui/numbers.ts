const FULL = new Intl.NumberFormat('en');
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const PLURAL = new Intl.PluralRules('en');
const SHORT_FROM = 10_000;

export const count = (value: number): string => FULL.format(value);

/** `2,400`, but `100k` from 10,000: for tables and axes. */
export const short = (value: number): string =>
  value < SHORT_FROM ? FULL.format(value) : SHORT.format(value).replace('K', 'k');

/** The number with its noun: `1 key`, `1,204 keys`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${FULL.format(value)} ${PLURAL.select(value) === 'one' ? one : many}`;
}
