import { isExpired } from '@latchkey/contract';
import type { Caller } from '../shared/caller.ts';
import { type EarlierCall, type Idempotency, idempotent } from '../shared/idempotent.ts';
import type { Keyring } from '../shared/keyring.ts';
import { activeMember } from '../tenancy/member.ts';
import { requireGrant } from './grant-ceiling.ts';
import type { Key } from './key.ts';
import type { KeyStores } from './key-store.ts';
import type { MintedKey } from './new-secret.ts';
import { visibleKey } from './visible-key.ts';

/** A key that a call mints, before it is known whether an earlier call has minted it. */
export type Mint = Omit<MintedKey, 'isReplay'>;

/**
 * `idempotent` for a call that mints a secret. NOT_FOUND if the caller may not see the key of the earlier
 * call. A caller must still be able to make the secret to be shown it again.
 */
export function idempotentMint(
  { stores, keyring, now }: { stores: KeyStores; keyring: Keyring; now: number },
  caller: Caller,
  idempotency: Idempotency | undefined,
  make: () => Promise<Mint>,
): Promise<MintedKey> {
  const needs = { idempotency: stores.idempotency, keyring, now };
  return idempotent<Mint>(needs, caller, idempotency, {
    make,
    idOf: ({ key }) => key.id,
    repeat: (earlier) => repeat(stores, caller, earlier, now),
  });
}

async function repeat(
  stores: KeyStores,
  caller: Caller,
  earlier: EarlierCall<Mint>,
  now: number,
): Promise<Mint> {
  const key = await visibleKey(stores.keys, caller, earlier.subjectId);
  const isOver = key.revokedAt !== null || !key.isIntact || isExpired(key, now);
  if (isOver || !earlier.isSecretKept) return { key, secret: null, isNarrowed: false, ended: [] };
  await requireAuthority(stores, caller, key);
  const minted = earlier.outcome();
  // Frozen, but for names that the catalogue has lost since.
  const asNow = { ...minted.key, permissions: key.permissions };
  return { ...minted, ended: minted.ended ?? [], key: asNow };
}

async function requireAuthority(stores: KeyStores, caller: Caller, key: Key): Promise<void> {
  const owner = await activeMember(stores.members, key.workspaceId, key.owner.id);
  requireGrant(caller, owner?.permissions ?? new Set(), key);
}
