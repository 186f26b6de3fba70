import { type Caller, requirePermission } from '../shared/caller.ts';
import type { Key } from './key.ts';
import type { KeyStore } from './key-store.ts';
import { visibleKey } from './visible-key.ts';

/** One key, also a revoked one. NOT_FOUND where the caller may not know of it. */
export async function getKey(
  needs: { readonly keys: KeyStore },
  caller: Caller,
  keyId: string,
): Promise<Key> {
  requirePermission(caller, 'api-keys:read');
  return visibleKey(needs.keys, caller, keyId);
}
