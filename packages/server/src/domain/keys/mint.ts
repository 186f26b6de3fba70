import { hintOf, isExpired } from '@latchkey/contract';
import type { Caller } from '../shared/caller.ts';
import { type EarlierCall, type Idempotency, idempotent } from '../shared/idempotent.ts';
import type { Keyring } from '../shared/keyring.ts';
import { generateKeyText } from '../shared/tokens.ts';
import type { Credential } from '../tenancy/descent.ts';
import { activeMember } from '../tenancy/member.ts';
import type { Workspace } from '../tenancy/workspace.ts';
import { requireGrant } from './grant-ceiling.ts';
import type { Key, Secret } from './key.ts';
import { type KeyStores, visibleKey } from './key-store.ts';

/** A key together with its secret, as create and rotate return it. */
export interface MintedKey {
  readonly key: Key;
  /** Null where the answer repeats an earlier one whose secret can no longer be shown. */
  readonly secret: string | null;
  /** Is this an earlier answer, repeated for the same Idempotency-Key? */
  readonly isReplay: boolean;
  /** Did the ceiling give the key fewer permissions than its owner holds, although the request named none? */
  readonly isNarrowed: boolean;
  /** What ended together with the secret that a rotation replaced. */
  readonly ended: readonly Credential[];
}

/** A key that a call mints, before it is known whether an earlier call has minted it. */
export type Mint = Omit<MintedKey, 'isReplay'>;

/** A new secret in the workspace's form, or the given one: its text, to be shown once, and what is stored of it. */
export function newSecret(
  { keyPrefix, keyEnvironment }: Workspace,
  keyring: Keyring,
  now: number,
  given?: string,
): { text: string; secret: Secret } {
  const text = given ?? generateKeyText(keyPrefix, keyEnvironment);
  const secret = {
    digest: keyring.digest(text),
    hint: hintOf(text),
    pepperId: keyring.pepperId,
    createdAt: now,
  };
  return { text, secret };
}

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
