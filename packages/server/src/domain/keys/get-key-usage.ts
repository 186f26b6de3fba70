import { GRANULARITIES, type Granularity, USAGE_POINTS_DEFAULT, USAGE_POINTS_MAX } from '@latchkey/contract';
import { invalid } from '../shared/app-error.ts';
import { type Caller, requirePermission } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import { parseInstant } from '../shared/instant.ts';
import { BUCKET_MS, bucketStart, KEPT_MS } from '../usage/bucket.ts';
import {
  addCount,
  type KeptDenial,
  type Period,
  type UsageCount,
  type UsageStore,
  type VerdictTotals,
} from '../usage/usage-store.ts';
import { type KeyStore, visibleKey } from './key-store.ts';

export interface KeyUsageInput {
  /** RFC 3339. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly granularity?: Granularity | undefined;
}

/** The verifications of a key in one span, counted by result. */
export interface UsagePoint extends VerdictTotals {
  readonly startsAt: number;
}

/**
 * One point for each span, from the one that contains `from` to the one that contains the end of `to`, also for spans
 * without a verification. NOT_FOUND if the caller may not see the key; VALIDATION_FAILED for the period.
 */
export async function getKeyUsage(
  needs: { readonly keys: KeyStore; readonly usage: UsageStore; readonly clock: Clock },
  caller: Caller,
  keyId: string,
  input: KeyUsageInput,
): Promise<UsagePoint[]> {
  requirePermission(caller, 'api-keys:read');
  const { id, workspaceId } = await visibleKey(needs.keys, caller, keyId);
  const period = readPeriod(input, needs.clock.now());
  const { granularity, from, until } = period;
  const counts = await needs.usage.count(workspaceId, id, granularity, from, until);
  return pointsOf(period, counts);
}

/** The period of the input: from the beginning of a span until the beginning of another. VALIDATION_FAILED. */
export function readPeriod({ from, to, granularity = 'hour' }: KeyUsageInput, now: number): Period {
  const span = BUCKET_MS[granularity];
  // The current span is included, since it has the latest verifications.
  const end = to === undefined ? bucketStart(now, granularity) + span : parseInstant(to, 'to');
  const until = bucketStart(end + span - 1, granularity);
  const begin =
    from === undefined ? until - USAGE_POINTS_DEFAULT[granularity] * span : parseInstant(from, 'from');
  if (begin >= end) throw invalid('from', 'must be before to');
  const period = { granularity, from: bucketStart(begin, granularity), until };
  requireFewPoints(period);
  requireKept(period, now);
  return period;
}

function requireFewPoints({ granularity, from, until }: Period): void {
  const points = (until - from) / BUCKET_MS[granularity];
  if (points <= USAGE_POINTS_MAX) return;
  // Spans of a coarser granularity may begin before the period and end after it, which makes one more.
  const fitting = GRANULARITIES.find((each) => (until - from) / BUCKET_MS[each] <= USAGE_POINTS_MAX - 1);
  const advice = fitting ? `${fitting} fits` : 'ask for less time';
  throw invalid(
    'granularity',
    `makes ${points} points of that time, and at most ${USAGE_POINTS_MAX} are answered; ${advice}`,
  );
}

function requireKept({ granularity, from }: Period, now: number): void {
  if (granularity === 'day') return;
  const earliest = bucketStart(now - KEPT_MS[granularity], granularity);
  if (from >= earliest) return;
  const fitting = granularity === 'minute' && from >= now - KEPT_MS.hour ? 'hour' : 'day';
  throw invalid(
    'granularity',
    `is kept since ${new Date(earliest).toISOString()} only; ${fitting} goes back further`,
  );
}

/** One point for each span of the period. */
export function pointsOf({ granularity, from, until }: Period, counts: readonly UsageCount[]): UsagePoint[] {
  const span = BUCKET_MS[granularity];
  const points = Array.from({ length: (until - from) / span }, (_, index) => emptyPoint(from + index * span));
  for (const count of counts) {
    const point = points[(count.startsAt - from) / span];
    if (point) addCount(point, count);
  }
  return points;
}

function emptyPoint(startsAt: number): UsagePoint {
  return { startsAt, allowed: 0, denied: {} };
}

/** The stored denials of a key, the latest first. NOT_FOUND if the caller may not see the key. */
export async function listDenials(
  needs: { readonly keys: KeyStore; readonly usage: UsageStore },
  caller: Caller,
  keyId: string,
): Promise<KeptDenial[]> {
  requirePermission(caller, 'api-keys:read');
  const { id, workspaceId } = await visibleKey(needs.keys, caller, keyId);
  return needs.usage.refusals(workspaceId, id);
}
