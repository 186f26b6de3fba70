import { AppError } from '../shared/app-error.ts';
import { actsFor, type Caller } from '../shared/caller.ts';
import type { Key } from './key.ts';
import type { KeyStore } from './key-store.ts';

/**
 * Returns the key if the caller may see it. Throws the same NOT_FOUND for an unknown key, a key of another workspace and,
 * without `api-keys:manage-others`, a key of another user, so that the answer does not reveal which of them it was.
 */
export async function visibleKey(keys: KeyStore, caller: Caller, keyId: string): Promise<Key> {
  const key = await keys.find(caller.workspaceId, keyId);
  if (!key || !actsFor(caller, key.owner.id))
    throw new AppError('NOT_FOUND', { message: `No API key ${keyId}` });
  return key;
}

/** `visibleKey` for changes: a key that is revoked, or whose row was edited from outside, throws CONFLICT. */
export async function changeableKey(keys: KeyStore, caller: Caller, keyId: string): Promise<Key> {
  const key = await visibleKey(keys, caller, keyId);
  if (key.revokedAt !== null) {
    throw new AppError('CONFLICT', {
      message: 'The key is revoked; a revoked key never comes back. Create a new one',
    });
  }
  if (!key.isIntact) {
    throw new AppError('CONFLICT', {
      message: 'The stored key was altered outside Latchkey; it can only be revoked',
    });
  }
  return key;
}
