import type { Permission } from '@latchkey/contract';
import { type Caller, requirePermission } from '../shared/caller.ts';
import type { Key } from './key.ts';
import type { KeyStore, OwnerHoldings } from './key-store.ts';
import { visibleKey } from './visible-key.ts';

/** Where a key comes from, and how it stands to what its owner may do now. */
export interface Provenance {
  readonly key: Key;
  readonly owner: OwnerHoldings;
  /** What the key holds beyond what its owner's role gives now. */
  readonly exceeding: readonly Permission[];
}

/** NOT_FOUND where the caller may not know of the key. */
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
