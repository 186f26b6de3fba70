import { AppError } from '../shared/app-error.ts';
import { actsFor, type Caller } from '../shared/caller.ts';
import type { Key } from './key.ts';
import type { KeyStore } from './key-store.ts';

/**
 * The key, if the caller may know of it. An unknown key, a key of another workspace and a key of somebody else (without
 * `api-keys:manage-others`) give the same NOT_FOUND: the answer does not tell which it was.
 */
export async function visibleKey(keys: KeyStore, caller: Caller, keyId: string): Promise<Key> {
  return requireVisible(await keys.find(caller.workspaceId, keyId), caller, keyId);
}

/** `visibleKey` where the key, null on a miss, was looked up already. */
export function requireVisible(key: Key | null, caller: Caller, keyId: string): Key {
  if (!key || !actsFor(caller, key.owner.id))
    throw new AppError('NOT_FOUND', { message: `No API key ${keyId}` });
  return key;
}

/** `visibleKey` for changes: a key that is revoked, or whose row was edited from outside, throws CONFLICT. */
export async function changeableKey(keys: KeyStore, caller: Caller, keyId: string): Promise<Key> {
  return requireChangeable(await keys.find(caller.workspaceId, keyId), caller, keyId);
}

/** `changeableKey` where the key, null on a miss, was looked up already. */
export function requireChangeable(found: Key | null, caller: Caller, keyId: string): Key {
  const key = requireVisible(found, caller, keyId);
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
