import { type Caller, requirePermission } from '../shared/caller.ts';
import type { KeptRefusal, UsageStore } from '../usage/usage-store.ts';
import type { KeyStore } from './key-store.ts';
import { visibleKey } from './visible-key.ts';

/** The refusals of a key that were kept, the latest first. NOT_FOUND where the caller may not know of the key. */
export async function listRefusals(
  needs: { readonly keys: KeyStore; readonly usage: UsageStore },
  caller: Caller,
  keyId: string,
): Promise<KeptRefusal[]> {
  requirePermission(caller, 'api-keys:read');
  const { id, workspaceId } = await visibleKey(needs.keys, caller, keyId);
  return needs.usage.refusals(workspaceId, id);
}
