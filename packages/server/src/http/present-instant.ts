export function presentInstant(ms: number): string {
  return new Date(ms).toISOString();
}

export function presentOptionalInstant(ms: number | null): string | null {
  return ms === null ? null : presentInstant(ms);
}
