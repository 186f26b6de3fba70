import { type CountedDenialCode, TOP_KEYS_DEFAULT } from '@latchkey/contract';
import { type Caller, limitedToOwner, requirePermission } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import {
  type CountedKeys,
  type KeyCount,
  totalsByKey,
  type UsageStore,
  type VerdictTotals,
} from '../usage/usage-store.ts';
import { type KeyUsageInput, pointsOf, readPeriod, type UsagePoint } from './get-key-usage.ts';
import type { Key } from './key.ts';
import type { KeyStore } from './key-store.ts';

export interface WorkspaceUsageInput extends KeyUsageInput {
  /** The most entries of each list; left out: `TOP_KEYS_DEFAULT`. */
  readonly limit?: number | undefined;
}

export interface WorkspaceUsage {
  readonly points: readonly UsagePoint[];
  /** The keys with the most verdicts, the most first. */
  readonly keys: readonly (VerdictTotals & { readonly key: Key })[];
  /** The most denials of a key with one code, the most first. */
  readonly denials: readonly {
    readonly key: Key;
    readonly code: CountedDenialCode;
    readonly count: number;
  }[];
}

/**
 * The verdicts of all keys of the workspace or, without `api-keys:manage-others`, of the caller's own keys. The cost grows with
 * the number of keys that were used in the period. VALIDATION_FAILED for the period.
 */
export async function getWorkspaceUsage(
  { keys, usage, clock }: { readonly keys: KeyStore; readonly usage: UsageStore; readonly clock: Clock },
  caller: Caller,
  { limit = TOP_KEYS_DEFAULT, ...input }: WorkspaceUsageInput,
): Promise<WorkspaceUsage> {
  requirePermission(caller, 'api-keys:read');
  const period = readPeriod(input, clock.now());
  const { workspaceId } = caller;
  const ownerId = limitedToOwner(caller);
  const of: CountedKeys = { workspaceId, ...(ownerId !== undefined && { ownerId }) };
  const [counts, ids, denials] = await Promise.all([
    usage.countAll(of, period),
    usage.busiestKeys(of, period, limit),
    usage.mostDenials(of, period, limit),
  ]);
  const totals = totalsByKey(await usage.countByKey(workspaceId, ids, period));
  const found = await keys.findMany(workspaceId, [
    ...new Set([...ids, ...denials.map(({ keyId }) => keyId)]),
  ]);
  const keysById = new Map(found.map((key) => [key.id, key]));
  return {
    points: pointsOf(period, counts),
    keys: ids.flatMap((id) => {
      const [key, totalsOfKey] = [keysById.get(id), totals.get(id)];
      return key && totalsOfKey ? [{ key, ...totalsOfKey }] : [];
    }),
    denials: denials.flatMap(({ keyId, code, count }) => {
      const key = keysById.get(keyId);
      return key && isDenial(code) ? [{ key, code, count }] : [];
    }),
  };
}

/** The verdicts of a key never have the code KEY_INVALID. */
function isDenial(code: KeyCount['code']): code is CountedDenialCode {
  return code !== 'VALID' && code !== 'KEY_INVALID';
}
