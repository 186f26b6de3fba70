import { AFFECTED_KEYS_MAX } from '@latchkey/contract';
import { type Caller, seesKeysOf } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import type { Credential } from '../tenancy/descent.ts';
import type { Key } from './key.ts';
import type { KeyFilter, KeyStore } from './key-store.ts';

/** Keys that a change would stop or give other permissions: their number, and those of them that the caller may see. */
export interface AffectedKeys {
  readonly total: number;
  /** At most `AFFECTED_KEYS_MAX`, the last used first. */
  readonly keys: readonly Key[];
}

interface Needs {
  readonly keys: KeyStore;
  readonly clock: Clock;
}

/** The keys among the credentials that a change would end. */
export async function endedKeys(
  { keys }: Needs,
  caller: Caller,
  ended: readonly Credential[],
): Promise<AffectedKeys> {
  const ids = new Set(ended.filter(({ kind }) => kind === 'api-key').map(({ id }) => id));
  const found = await keys.findMany(caller.workspaceId, [...ids]);
  const seen = found.filter(({ owner }) => seesKeysOf(caller, owner.id)).sort(byLastUse);
  return { total: ids.size, keys: seen.slice(0, AFFECTED_KEYS_MAX) };
}

/** The active keys of a member, which are denied while the member is suspended. */
export function keysOfMember(needs: Needs, caller: Caller, userId: string): Promise<AffectedKeys> {
  return matching(needs, caller, { ownerId: userId, status: 'active' });
}

/** The keys whose permissions depend on the mode of the workspace. */
export function keysBeyondOwner(needs: Needs, caller: Caller): Promise<AffectedKeys> {
  return matching(needs, caller, { exceedsOwner: true });
}

async function matching({ keys, clock }: Needs, caller: Caller, filter: KeyFilter): Promise<AffectedKeys> {
  const order = { sortBy: 'lastUsedAt', sortOrder: 'desc', limit: AFFECTED_KEYS_MAX, offset: 0 } as const;
  const { total, items } = await keys.list(
    caller.workspaceId,
    filter,
    { ...order, after: null },
    clock.now(),
  );
  return { total, keys: items.filter(({ owner }) => seesKeysOf(caller, owner.id)) };
}

function byLastUse(one: Key, other: Key): number {
  return (other.lastUsedAt ?? 0) - (one.lastUsedAt ?? 0);
}
