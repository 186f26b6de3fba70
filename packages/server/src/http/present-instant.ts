/** The instant that was asked for last: in one answer it is mostly the same one, and to write it takes long. */
let latest = { ms: Number.NaN, text: '' };

/** An instant as answers show it: RFC 3339 in UTC with milliseconds. */
export function presentInstant(ms: number): string {
  if (ms !== latest.ms) latest = { ms, text: new Date(ms).toISOString() };
  return latest.text;
}

export function presentOptionalInstant(ms: number | null): string | null {
  return ms === null ? null : presentInstant(ms);
}
