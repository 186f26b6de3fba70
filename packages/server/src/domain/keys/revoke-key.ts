import { AppError } from '../shared/app-error.ts';
import type { Caller } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import { parsePlainText } from '../shared/plain-text.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import { changeAs, type Work } from '../workspaces/change-as.ts';
import type { Key } from './key.ts';
import type { KeyStores } from './key-stores.ts';
import { recordKeyChange } from './record-key-change.ts';
import { requireVisible } from './visible-key.ts';

const REASON_CODE_POINTS_MAX = 200;

/** The reason that takes everything the key has made down with it. */
const COMPROMISED = 'COMPROMISED';

export interface RevokeKeyNeeds {
  readonly unitOfWork: UnitOfWork<KeyStores>;
  readonly clock: Clock;
}

export interface Revocation {
  readonly reason?: string | undefined;
  /** Also revoke the keys that this key made, and those they made. */
  readonly cascade?: boolean | undefined;
}

export interface RevokedKey {
  readonly key: Key;
  /** From this instant no instance accepts the key. */
  readonly effectiveBy: number;
  /** Keys made by this one, directly or not, that live on. */
  readonly livingDescendants: number;
}

type Tombstone = Key & { readonly revokedAt: number };

/**
 * Revokes a key for ever and keeps it as a tombstone. Revoking it again changes nothing and gives the same answer. The
 * holder of a key may always revoke that key itself; otherwise it takes `api-keys:delete`. NOT_FOUND.
 */
export async function revokeKey(
  needs: RevokeKeyNeeds,
  caller: Caller,
  keyId: string,
  { reason, cascade = false }: Revocation,
): Promise<RevokedKey> {
  const permissions = caller.keyId === keyId ? [] : (['api-keys:delete'] as const);
  const { workspaceId } = caller;
  const ask = ({ keys }: KeyStores) =>
    Promise.all([keys.find(workspaceId, keyId), keys.descendants(workspaceId, keyId)]);
  const work: Work<KeyStores, RevokedKey, [Key | null, Key[]]> = async (stores, caller, now, asked) => {
    const text = reason === undefined ? null : parsePlainText(reason, 'reason', REASON_CODE_POINTS_MAX);
    const revoke = (key: Key) => bury(stores, caller, { ...key, revokedAt: now, revokedReason: text });
    const [any, descendants] = asked;
    const found = requireVisible(any, caller, keyId);
    const key = found.revokedAt === null ? await revoke(found) : found;
    const isCascade = cascade || text === COMPROMISED || key.revokedReason === COMPROMISED;
    if (isCascade) for (const descendant of descendants) await revoke(descendant);
    return { key, effectiveBy: key.revokedAt ?? now, livingDescendants: isCascade ? 0 : descendants.length };
  };
  return changeAs(needs, caller, permissions, work, ask);
}

async function bury(stores: KeyStores, caller: Caller, tombstone: Tombstone): Promise<Key> {
  const before = { ...tombstone, revokedAt: null, revokedReason: null };
  const after = { ...tombstone, version: tombstone.version + 1 };
  const change = { eventType: 'api-key.revoked', before, after } as const;
  const [isUpdated] = await Promise.all([
    stores.keys.update(tombstone),
    recordKeyChange(stores.audit, caller, change, tombstone.revokedAt),
  ]);
  if (!isUpdated) throw new AppError('VERSION_MISMATCH');
  return after;
}
