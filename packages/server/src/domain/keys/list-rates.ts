import { actsFor, type Caller, requirePermission } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import { lastMinutes } from '../usage/bucket.ts';
import { totalsByKey, type UsageStore, type VerdictTotals } from '../usage/usage-store.ts';
import type { KeyStore } from './key-store.ts';

/** The numbers of verdicts in a period that ends now. */
interface Calls {
  readonly allowed: number;
  readonly denied: number;
}

export interface KeyRate {
  readonly id: string;
  readonly lastHour: Calls;
  readonly lastFiveMinutes: Calls;
}

/** Counts the recent verdicts of the keys that the caller may see, in the order of the ids; other ids are left out. */
export async function listRates(
  { keys, usage, clock }: { readonly keys: KeyStore; readonly usage: UsageStore; readonly clock: Clock },
  caller: Caller,
  ids: readonly string[],
): Promise<KeyRate[]> {
  requirePermission(caller, 'api-keys:read');
  const { workspaceId } = caller;
  const owners = await keys.ownersOf(workspaceId, ids);
  const seen = ids.filter((id) => {
    const ownerId = owners.get(id);
    return ownerId !== undefined && actsFor(caller, ownerId);
  });
  const now = clock.now();
  const since = (minutes: number) => usage.countByKey(workspaceId, seen, lastMinutes(now, minutes));
  const [hour, fiveMinutes] = await Promise.all([since(60), since(5)]);
  const [ofHour, ofFiveMinutes] = [totalsByKey(hour), totalsByKey(fiveMinutes)];
  return seen.map((id) => ({
    id,
    lastHour: callsOf(ofHour.get(id)),
    lastFiveMinutes: callsOf(ofFiveMinutes.get(id)),
  }));
}

function callsOf({ allowed, denied }: VerdictTotals = { allowed: 0, denied: {} }): Calls {
  return { allowed, denied: Object.values(denied).reduce((total, count) => total + count, 0) };
}
