import { invalid } from './app-error.ts';

// RFC 3339, section 5.6, or a date alone. Leap seconds are not accepted: they have no instant in UTC milliseconds.
const PATTERN =
  /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,3})\d*)?(?:Z|([+-])(\d{2}):(\d{2})))?$/i;

const EARLIEST = 0;
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const OFFSET_MAX_MINUTES = 14 * 60;
const HINT = 'must be RFC 3339 with a zone, such as 2027-01-31T12:00:00Z, or a date such as 2027-01-31';

/**
 * Parses an instant of a request into milliseconds since 1970. A finer fraction, as Python, Go and .NET write it, is
 * truncated to milliseconds. Dates that do not exist, 24:00, :60, times without a zone, zones beyond ±14:00 and years
 * outside 1970–9999 throw VALIDATION_FAILED for `field`.
 */
export function parseInstant(text: string, field: string): number {
  const instant = read(text);
  if (instant === null || instant < EARLIEST || instant > LATEST) throw invalid(field, HINT);
  return instant;
}

function read(text: string): number | null {
  const match = PATTERN.exec(text);
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const millisecond = Number((match[7] ?? '').padEnd(3, '0'));
  const local = utc(year ?? 0, month ?? 0, day ?? 0, hour ?? 0, minute ?? 0, second ?? 0, millisecond);
  const offset = offsetMinutes(match[8], match[9], match[10]);
  return local === null || offset === null ? null : local - offset * 60_000;
}

/** Null when `Date` would roll over into another day, hour or minute. */
function utc(
  ...[year, month, day, hour, minute, second, ms]: [number, number, number, number, number, number, number]
) {
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second, ms));
  const same =
    date.getUTCFullYear() === year &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  return same ? date.getTime() : null;
}

function offsetMinutes(sign = '+', hours = '0', minutes = '0'): number | null {
  const total = Number(hours) * 60 + Number(minutes);
  if (Number(minutes) > 59 || total > OFFSET_MAX_MINUTES) return null;
  return sign === '-' ? -total : total;
}
