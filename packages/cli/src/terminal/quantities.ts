const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** `1 key`, `2 keys`. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
}

/** `812 bytes`, `1.4 MB`. */
export function bytes(number: number): string {
  const power = number < 1_000 ? 0 : Math.min(Math.floor(Math.log10(number) / 3), UNITS.length - 1);
  return `${power === 0 ? number : (number / 1_000 ** power).toFixed(1)} ${UNITS[power]}`;
}

/** An instant as the API writes it. */
export function utc(instant: number): string;
export function utc(instant: number | null): string | null;
export function utc(instant: number | null): string | null {
  return instant === null ? null : new Date(instant).toISOString();
}
