import { actsFor, type Caller, requirePermission } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import { lastMinutes } from '../usage/bucket.ts';
import type { KeyCount, UsageStore } from '../usage/usage-store.ts';
import type { KeyStore } from './key-store.ts';

/** The numbers of verdicts in a period that ends now. */
interface Calls {
  allowed: number;
  denied: number;
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
  const ofHour = callsByKey(hour);
  const ofFiveMinutes = callsByKey(fiveMinutes);
  return seen.map((id) => ({
    id,
    lastHour: ofHour.get(id) ?? { allowed: 0, denied: 0 },
    lastFiveMinutes: ofFiveMinutes.get(id) ?? { allowed: 0, denied: 0 },
  }));
}

function callsByKey(counts: readonly KeyCount[]): Map<string, Calls> {
  const found = new Map<string, Calls>();
  for (const { keyId, code, count } of counts) {
    const calls = found.get(keyId) ?? { allowed: 0, denied: 0 };
    calls[code === 'VALID' ? 'allowed' : 'denied'] += count;
    found.set(keyId, calls);
  }
  return found;
}
