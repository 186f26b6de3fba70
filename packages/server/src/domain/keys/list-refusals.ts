import { type Caller, requirePermission } from '../shared/caller.ts';
import type { KeptRefusal, UsageStore } from '../usage/usage-store.ts';
import type { KeyStore } from './key-store.ts';
import { visibleKey } from './visible-key.ts';

/** The stored denials of a key, the latest first. NOT_FOUND if the caller may not see the key. */
export async function listRefusals(
  needs: { readonly keys: KeyStore; readonly usage: UsageStore },
  caller: Caller,
  keyId: string,
): Promise<KeptRefusal[]> {
  requirePermission(caller, 'api-keys:read');
  const { id, workspaceId } = await visibleKey(needs.keys, caller, keyId);
  return needs.usage.refusals(workspaceId, id);
}
