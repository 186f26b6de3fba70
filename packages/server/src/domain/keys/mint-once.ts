import { AppError } from '../shared/app-error.ts';
import type { Caller } from '../shared/caller.ts';
import type { Keyring } from '../shared/keyring.ts';
import { activeMember } from '../workspaces/visible-member.ts';
import { requireGrant } from './grantable.ts';
import { isExpired, type Key } from './key.ts';
import type { KeyStores } from './key-stores.ts';
import type { MintedKey } from './minted-key.ts';
import type { Replay } from './replay-store.ts';
import { visibleKey } from './visible-key.ts';

/** How long the same Idempotency-Key stands for the same call, and how long its answer still has the secret. */
export const REPLAY_KEPT_MS = 24 * 3_600_000;
const REPLAY_SECRET_MS = 10 * 60_000;

/** The Idempotency-Key of a call. */
export interface Idempotency {
  /** As the client chose it. */
  readonly value: string;
  /** Method and route. */
  readonly operation: string;
  /** SHA-256 over the canonical form of path and body. */
  readonly fingerprint: string;
}

/**
 * Runs `mint`, or repeats its earlier outcome where this caller's user has already made the same call with the same
 * value in the last 24 hours. The outcome is kept in the transaction of the change itself, so a retry after a crash
 * finds either both or neither. IDEMPOTENCY_MISMATCH where the value was used for another request. Everything that judges
 * the caller comes before this; of a key that the caller may not see nothing is repeated: NOT_FOUND.
 */
export async function mintOnce(
  { stores, keyring, now }: { stores: KeyStores; keyring: Keyring; now: number },
  caller: Caller,
  idempotency: Idempotency | undefined,
  mint: () => Promise<MintedKey>,
): Promise<MintedKey> {
  if (!idempotency) return mint();
  const { value, operation, fingerprint } = idempotency;
  const id = keyring.digest(JSON.stringify(['replay', caller.workspaceId, caller.userId, operation, value]));
  const replay = await stores.replays.find(caller.workspaceId, id, now - REPLAY_KEPT_MS);
  if (replay) {
    if (replay.fingerprint !== fingerprint) throw new AppError('IDEMPOTENCY_MISMATCH');
    return repeat(stores, keyring, caller, replay, value, now);
  }
  const minted = await mint();
  const { workspaceId, id: keyId } = minted.key;
  const sealed = keyring.encrypt(JSON.stringify(minted), value, id);
  await stores.replays.put({ id, workspaceId, keyId, fingerprint, sealed, createdAt: now });
  return minted;
}

async function repeat(
  stores: KeyStores,
  keyring: Keyring,
  caller: Caller,
  replay: Replay,
  value: string,
  now: number,
): Promise<MintedKey> {
  const key = await visibleKey(stores.keys, caller, replay.keyId);
  const isOver = key.revokedAt !== null || !key.isIntact || isExpired(key, now);
  const isSecretOver = isOver || now - replay.createdAt >= REPLAY_SECRET_MS;
  if (isSecretOver) return { key, secret: null, isReplay: true, isNarrowed: false, ended: [] };
  await requireAuthority(stores, caller, key);
  const minted = JSON.parse(keyring.decrypt(replay.sealed, value, replay.id)) as MintedKey;
  // Frozen, but for names that the catalogue has lost since.
  const asNow = { ...minted.key, permissions: key.permissions };
  return { ...minted, ended: minted.ended ?? [], key: asNow, isReplay: true };
}

/** To be shown a secret again takes the same authority as to make it. */
async function requireAuthority(stores: KeyStores, caller: Caller, key: Key): Promise<void> {
  const owner = await activeMember(stores.members, key.workspaceId, key.owner.id);
  requireGrant(caller, owner?.permissions ?? new Set(), key);
}
