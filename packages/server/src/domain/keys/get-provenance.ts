import type { Permission } from '@latchkey/contract';
import { type Caller, requirePermission } from '../shared/caller.ts';
import type { Key } from './key.ts';
import type { KeyStore, OwnerHoldings } from './key-store.ts';
import { visibleKey } from './visible-key.ts';

/** Who made a key and with which permissions, compared with the permissions of its owner now. */
export interface Provenance {
  readonly key: Key;
  readonly owner: OwnerHoldings;
  /** Permissions that the key holds and its owner's role no longer gives. */
  readonly exceeding: readonly Permission[];
}

/** NOT_FOUND if the caller may not see the key. */
export async function getProvenance(
  { keys }: { readonly keys: KeyStore },
  caller: Caller,
  keyId: string,
): Promise<Provenance> {
  requirePermission(caller, 'api-keys:read');
  const key = await visibleKey(keys, caller, keyId);
  const owner = (await keys.ownerHoldings(key.workspaceId, key.id)) ?? { held: [], holdsNow: [] };
  const exceeding = key.permissions.filter((permission) => !owner.holdsNow.includes(permission));
  return { key, owner, exceeding };
}
