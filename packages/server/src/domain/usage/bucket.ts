import type { Granularity } from '@latchkey/contract';

/** Milliseconds. */
export const BUCKET_MS: Readonly<Record<Granularity, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/** Milliseconds until the counts of these spans are moved into coarser spans. Counts of days are kept permanently. */
export const KEPT_MS = { minute: 48 * BUCKET_MS.hour, hour: 90 * BUCKET_MS.day } as const;

/** The start of the span that contains the instant. Days in milliseconds since 1970 have equal length. */
export function bucketStart(at: number, granularity: Granularity): number {
  return at - (at % BUCKET_MS[granularity]);
}

/** The current minute and those before it, `minutes` in all. */
export function lastMinutes(now: number, minutes: number) {
  const until = bucketStart(now, 'minute') + BUCKET_MS.minute;
  return { granularity: 'minute', from: until - minutes * BUCKET_MS.minute, until } as const;
}
