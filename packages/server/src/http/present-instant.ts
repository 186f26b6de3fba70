/** A cache of the last instant, since formatting is slow and the instants of one answer are mostly the same. */
let latest = { ms: Number.NaN, text: '' };

/** An instant for answers: RFC 3339 in UTC with milliseconds. */
export function presentInstant(ms: number): string {
  if (ms !== latest.ms) latest = { ms, text: new Date(ms).toISOString() };
  return latest.text;
}

export function presentOptionalInstant(ms: number | null): string | null {
  return ms === null ? null : presentInstant(ms);
}
