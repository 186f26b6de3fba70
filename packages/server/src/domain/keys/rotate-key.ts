import { isExpired, OVERLAP_SECONDS_DEFAULT } from '@latchkey/contract';
import { changeAuthorized } from '../access/authorized-change.ts';
import { endDescendants } from '../access/end-descendants.ts';
import { keepManagingKey, type ManagingKeyNeeds } from '../access/managing-keys.ts';
import { recordChange } from '../audit/record-change.ts';
import { AppError, invalid } from '../shared/app-error.ts';
import type { Caller } from '../shared/caller.ts';
import type { Idempotency } from '../shared/idempotent.ts';
import { originationBy } from '../tenancy/descent.ts';
import { activeMember } from '../tenancy/member.ts';
import type { MintNeeds } from './create-key.ts';
import { requireGrant } from './grant-ceiling.ts';
import { keyChange } from './key.ts';
import { changeableKey } from './key-store.ts';
import { idempotentMint, type MintedKey, newSecret } from './mint.ts';

export interface RotateKeyInput {
  readonly keyId: string;
  /** Seconds for which the old secret still works; 0 ends it at once. */
  readonly overlapSeconds?: number | undefined;
  /** Only with an overlap of 0: also end the keys, secrets and members that derive from the old secret. */
  readonly cascade?: boolean | undefined;
  /** Cascade although no other active key could make keys and no account can sign in. */
  readonly force?: boolean | undefined;
}

/**
 * Gives a key a new secret under the same id; permissions, limits, expiry and counters stay. The caller must be able to
 * create the key as it is, since a new secret gives the same access as a new key: PERMISSION_ESCALATION, LIMIT_ESCALATION.
 * At most two secrets work at once. The sessions, sign-in links and open invitations that a secret made end with it.
 * NOT_FOUND; CONFLICT if the key is revoked, expired or altered; LAST_MANAGING_KEY; VALIDATION_FAILED.
 */
export async function rotateKey(
  needs: MintNeeds & ManagingKeyNeeds,
  caller: Caller,
  { keyId, overlapSeconds = OVERLAP_SECONDS_DEFAULT, cascade = false, force }: RotateKeyInput,
  idempotency?: Idempotency,
): Promise<MintedKey> {
  if (cascade && overlapSeconds > 0) throw invalid('cascade', 'needs an overlapSeconds of 0');
  return changeAuthorized(needs, caller, ['api-keys:write'], async (stores, caller, now) => {
    const key = await changeableKey(stores.keys, caller, keyId);
    if (isExpired(key, now))
      throw new AppError('CONFLICT', { message: 'The key has expired; extend it before rotating' });
    const owner = await activeMember(stores.members, caller.workspaceId, key.owner.id);
    requireGrant(caller, owner?.permissions ?? new Set(), key);
    return idempotentMint({ stores, keyring: needs.keyring, now }, caller, idempotency, async () => {
      const { text, secret } = newSecret(caller.workspace, needs.keyring, now);
      const retireAt = now + overlapSeconds * 1_000;
      const roots = await stores.keys.replaceSecret(key.workspaceId, key.id, secret, now, retireAt);
      const end = () => endDescendants(stores, caller, { roots, cascade, reason: null }, now);
      const guard = { ...needs, workspaceId: key.workspaceId, now, force };
      const { ended } = cascade ? await keepManagingKey(stores, guard, end) : await end();
      // Only now, since the new secret may derive from the one that has just ended.
      await stores.descent.record({ kind: 'secret', id: secret.digest }, originationBy(caller));
      const rotated = { ...key, hint: secret.hint, version: key.version + 1 };
      await recordChange(stores.audit, caller, keyChange('api-key.rotated', key, rotated, ended), now);
      return { key: rotated, secret: text, isNarrowed: false, ended };
    });
  });
}
