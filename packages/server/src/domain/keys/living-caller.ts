import { AppError } from '../shared/app-error.ts';
import type { Caller } from '../shared/caller.ts';
import { requireLivingSession, type SessionStanding } from '../workspaces/living-session.ts';
import type { KeyStore } from './key-store.ts';

/**
 * Looks again, in the transaction of the change, at the key that calls: one that was revoked or switched off since it was
 * authenticated throws KEY_REVOKED or KEY_DISABLED; a session is looked at as `requireLivingSession` does. Else a key could make another one behind the back of its own
 * revocation, and that one would live on.
 */
export async function requireLivingCaller(
  { keys, ...standing }: SessionStanding & { readonly keys: KeyStore },
  caller: Caller,
): Promise<void> {
  const { keyId, workspaceId } = caller;
  await requireLivingSession(standing, caller);
  if (keyId === null) return;
  const key = await keys.find(workspaceId, keyId);
  if (!key || key.revokedAt !== null) throw new AppError('KEY_REVOKED');
  if (!key.isActive) throw new AppError('KEY_DISABLED');
}
