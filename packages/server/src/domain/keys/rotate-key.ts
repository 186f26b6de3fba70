import { OVERLAP_SECONDS_DEFAULT } from '@latchkey/contract';
import { AppError } from '../shared/app-error.ts';
import type { Caller } from '../shared/caller.ts';
import { changeAs } from '../workspaces/change-as.ts';
import { activeMember } from '../workspaces/visible-member.ts';
import type { MintNeeds } from './create-key.ts';
import { requireGrant } from './grantable.ts';
import { isExpired } from './key.ts';
import { type Idempotency, mintOnce } from './mint-once.ts';
import type { MintedKey } from './minted-key.ts';
import { newSecret } from './new-secret.ts';
import { recordKeyChange } from './record-key-change.ts';
import { changeableKey } from './visible-key.ts';

export interface RotateKeyInput {
  readonly keyId: string;
  /** Seconds for which the present secret works on; 0 ends it at once. */
  readonly overlapSeconds?: number | undefined;
}

/**
 * Gives a key a new secret under the same id; permissions, limits, expiry and counters stay. The caller must be one who
 * could create the key as it is, since the new secret is as good as a new key: PERMISSION_ESCALATION, LIMIT_ESCALATION.
 * At most two secrets live. NOT_FOUND; CONFLICT where the key is revoked, expired or altered.
 */
export async function rotateKey(
  needs: MintNeeds,
  caller: Caller,
  { keyId, overlapSeconds = OVERLAP_SECONDS_DEFAULT }: RotateKeyInput,
  idempotency?: Idempotency,
): Promise<MintedKey> {
  return changeAs(needs, caller, ['api-keys:write'], async (stores, caller, now) => {
    return mintOnce({ stores, keyring: needs.keyring, now }, caller, idempotency, async () => {
      const key = await changeableKey(stores.keys, caller, keyId);
      if (isExpired(key, now))
        throw new AppError('CONFLICT', { message: 'The key has expired; extend it before rotating' });
      const owner = await activeMember(stores.members, caller.workspaceId, key.owner.id);
      requireGrant(caller, owner?.permissions ?? new Set(), key);
      const { text, secret } = newSecret(caller.workspace, needs.keyring, now);
      await stores.keys.replaceSecret(key.workspaceId, key.id, secret, now, now + overlapSeconds * 1_000);
      const rotated = { ...key, hint: secret.hint, version: key.version + 1 };
      const change = { eventType: 'api-key.rotated', before: key, after: rotated } as const;
      await recordKeyChange(stores.audit, caller, change, now);
      return { key: rotated, secret: text, isReplay: false, isNarrowed: false };
    });
  });
}
