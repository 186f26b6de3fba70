import { REFUSALS_KEPT_DAYS } from '@latchkey/contract';
import type { Clock } from '../shared/clock.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import { BUCKET_MS, bucketStart, KEPT_MS } from './bucket.ts';
import type { UsageStores } from './usage-store.ts';

const ROLL_UPS = [
  ['minute', 'hour'],
  ['hour', 'day'],
] as const;

export interface RollUpNeeds {
  readonly unitOfWork: UnitOfWork<UsageStores>;
  readonly clock: Clock;
}

/**
 * Moves old counts into coarser spans, and deletes old records of denials and counts of old secrets. Each step is a transaction, so that an
 * interruption neither loses counts nor counts twice. The signal stops it after a step.
 */
export async function rollUpUsage(needs: RollUpNeeds, signal: AbortSignal): Promise<void> {
  const now = needs.clock.now();
  for (const [fine, coarse] of ROLL_UPS) {
    const before = bucketStart(now - KEPT_MS[fine], coarse);
    let isMore = true;
    while (isMore && !signal.aborted) {
      isMore = await needs.unitOfWork.transact(({ usage }) => usage.rollUp(fine, coarse, before));
    }
  }
  await needs.unitOfWork.transact(({ usage }) => usage.purgeOldSecretUses(now - KEPT_MS.minute));
  await needs.unitOfWork.transact(({ usage }) =>
    usage.purgeRefusals(now - REFUSALS_KEPT_DAYS * BUCKET_MS.day),
  );
}
