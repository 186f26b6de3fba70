import { changeAuthorized } from '../access/authorized-change.ts';
import { endDescendants } from '../access/end-descendants.ts';
import { recordChange } from '../audit/record-change.ts';
import type { Caller } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import type { Credential } from '../tenancy/descent.ts';
import { type Key, keyChange } from './key.ts';
import { type KeyStores, visibleKey } from './key-store.ts';

export interface EndedSecret {
  readonly key: Key;
  /** From this instant, no instance accepts the old secret. */
  readonly effectiveBy: number;
  readonly ended: readonly Credential[];
}

/**
 * Ends the secret that the last rotation replaced, with the sessions, sign-in links and open invitations that it made. The
 * keys that it made stay, as after the end of its overlap. Changes nothing if no old secret works. NOT_FOUND.
 */
export async function endOldSecret(
  needs: { readonly unitOfWork: UnitOfWork<KeyStores>; readonly clock: Clock },
  caller: Caller,
  keyId: string,
): Promise<EndedSecret> {
  return changeAuthorized(needs, caller, ['api-keys:write'], async (stores, caller, now) => {
    const key = await visibleKey(stores.keys, caller, keyId);
    const roots = await stores.keys.endOldSecret(key.workspaceId, key.id, now);
    if (roots.length === 0) return { key, effectiveBy: now, ended: [] };
    const { ended } = await endDescendants(stores, caller, { roots, cascade: false, reason: null }, now);
    const after = { ...key, version: key.version + 1 };
    await recordChange(stores.audit, caller, keyChange('api-key.old-secret-ended', key, after, ended), now);
    return { key: after, effectiveBy: now, ended };
  });
}
