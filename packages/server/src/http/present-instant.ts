/** An instant as answers show it: RFC 3339 in UTC with milliseconds. */
export function presentInstant(ms: number): string {
  return new Date(ms).toISOString();
}

export function presentOptionalInstant(ms: number | null): string | null {
  return ms === null ? null : presentInstant(ms);
}
