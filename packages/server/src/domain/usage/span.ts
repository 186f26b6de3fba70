import type { Granularity } from '@latchkey/contract';

/** Milliseconds. */
export const SPAN_MS: Readonly<Record<Granularity, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/** How long the counts of these spans are kept, in milliseconds, before they go into coarser ones. Days are kept for ever. */
export const KEPT_MS = { minute: 48 * SPAN_MS.hour, hour: 90 * SPAN_MS.day } as const;

/** When the span that the instant falls into begins. UTC has no leap in milliseconds since 1970, so a division tells. */
export function spanStart(at: number, granularity: Granularity): number {
  return at - (at % SPAN_MS[granularity]);
}
