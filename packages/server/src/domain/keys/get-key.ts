import { type Caller, requirePermission } from '../shared/caller.ts';
import type { Key } from './key.ts';
import type { KeyStore } from './key-store.ts';
import { visibleKey } from './visible-key.ts';

/** Returns a key, also a revoked one. NOT_FOUND if the caller may not see it. */
export async function getKey(
  needs: { readonly keys: KeyStore },
  caller: Caller,
  keyId: string,
): Promise<Key> {
  requirePermission(caller, 'api-keys:read');
  return visibleKey(needs.keys, caller, keyId);
}
