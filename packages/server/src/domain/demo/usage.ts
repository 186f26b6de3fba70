import type { CountedDenialCode, Permission } from '@latchkey/contract';
import type { Clock } from '../shared/clock.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import { BUCKET_MS, bucketStart } from '../usage/bucket.ts';
import { rollUpUsage } from '../usage/roll-up-usage.ts';
import type { DenialReason, Denials, KeyUsage, OldSecretUse, UsageStores } from '../usage/usage-store.ts';
import type { Random } from './random.ts';

const { minute: MINUTE, hour: HOUR, day: DAY } = BUCKET_MS;

/** The part of its calls that a program still makes with the old secret during a rotation. */
const OLD_SECRET_PART = 0.07;
const BATCH = 256;

/** How a key is used: from when until when, how often, and how often it is denied. */
export interface KeyTraffic {
  readonly keyId: string;
  readonly from: number;
  readonly until: number;
  /** Allowed verdicts an hour, at noon. */
  readonly perHour: number;
  /** The parts of the calls that are denied. */
  readonly denied: readonly {
    readonly code: CountedDenialCode;
    readonly part: number;
    readonly reason: DenialReason;
  }[];
  /** When the rotation began whose old secret still works; null: there is none. */
  readonly rotatedAt: number | null;
}

export function lacksPermission(missing: Permission): DenialReason {
  return { step: 'permission', missing: [missing], cost: 1 };
}

export const OVER_LIMIT: DenialReason = { step: 'minute', missing: [], cost: 1 };

/** Writes the counts of 30 days: by halves of a day, by the hour for the last day, and by the minute for the last hour. */
export async function seedUsage(
  needs: { readonly unitOfWork: UnitOfWork<UsageStores>; readonly clock: Clock },
  traffic: readonly KeyTraffic[],
  random: Random,
): Promise<void> {
  const now = needs.clock.now();
  const usages = traffic.flatMap((each) => usagesOf(each, now, random));
  for (let start = 0; start < usages.length; start += BATCH) {
    const batch = usages.slice(start, start + BATCH);
    await needs.unitOfWork.transact(({ usage }) => usage.add(batch));
  }
  await rollUpUsage(needs, new AbortController().signal);
}

function usagesOf(traffic: KeyTraffic, now: number, random: Random): KeyUsage[] {
  const usages: KeyUsage[] = [];
  const hour = bucketStart(now, 'hour');
  for (let at = bucketStart(now, 'day') - 30 * DAY; at < now; ) {
    const span = spanAt(at, hour);
    // One hour of a long span, the same for all keys, so that they are moved to it together.
    const within = at + Math.floor(span / HOUR / 2) * HOUR;
    const minute = bucketStart(within + random.below(Math.min(span, HOUR)), 'minute');
    if (minute >= traffic.from && minute < Math.min(traffic.until, now))
      usages.push(usageAt(traffic, minute, span / HOUR, random));
    at += span;
  }
  return usages.filter(({ allowed, denied }) => allowed > 0 || denied !== null);
}

/** The length of the span that begins at `at`. Coarse spans are shown by the day, and fine ones by the hour or minute. */
function spanAt(at: number, currentHour: number): number {
  if (at < currentHour - DAY - 12 * HOUR) return 12 * HOUR;
  return at < currentHour - HOUR ? HOUR : MINUTE;
}

function usageAt(traffic: KeyTraffic, minute: number, hours: number, random: Random): KeyUsage {
  const { keyId, perHour, rotatedAt, denied } = traffic;
  const allowed = Math.round(perHour * hours * dayCurve(minute) * (0.7 + 0.6 * random.next()));
  const lastUsedAt = minute + random.below(MINUTE);
  const denials = new Map<CountedDenialCode, Denials>();
  for (const { code, part, reason } of denied) {
    const count = Math.round(allowed * part * 2 * random.next());
    if (count > 0) denials.set(code, { count, first: { at: minute + random.below(MINUTE), reason } });
  }
  const isRotating = rotatedAt !== null && minute > rotatedAt;
  const old = isRotating ? Math.round(allowed * OLD_SECRET_PART) : 0;
  const oldSecret: OldSecretUse | null = old > 0 ? { allowed: old, lastUsedAt } : null;
  return {
    keyId,
    minute,
    allowed,
    denied: denials.size > 0 ? denials : null,
    lastUsedAt: allowed > 0 ? lastUsedAt : 0,
    oldSecret,
  };
}

/** Quiet at night and at weekends, in UTC: from 0.2 to 1. */
function dayCurve(at: number): number {
  const hour = (at % DAY) / HOUR;
  const isWeekend = [0, 6].includes(new Date(at).getUTCDay());
  const daily = 0.6 - 0.4 * Math.cos(((hour - 1) / 24) * 2 * Math.PI);
  return isWeekend ? daily * 0.5 : daily;
}
