import { AppError } from '../shared/app-error.ts';
import { type Caller, requirePermission } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import type { Key } from './key.ts';
import type { KeyStore } from './key-store.ts';
import type { KeyStores } from './key-stores.ts';
import { parseLabel } from './parse-label.ts';
import { visibleKey } from './visible-key.ts';

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
  if (caller.keyId !== keyId) requirePermission(caller, 'api-keys:delete');
  const text = reason === undefined ? null : parseLabel(reason, 'reason', REASON_CODE_POINTS_MAX);

  return needs.unitOfWork.transact(async ({ keys }) => {
    const now = needs.clock.now();
    const key = await bury(keys, await visibleKey(keys, caller, keyId), text, now);
    const descendants = await keys.descendants(key.workspaceId, key.id);
    const isCascade = cascade || text === COMPROMISED || key.revokedReason === COMPROMISED;
    if (isCascade) for (const descendant of descendants) await bury(keys, descendant, text, now);
    return { key, effectiveBy: key.revokedAt ?? now, livingDescendants: isCascade ? 0 : descendants.length };
  });
}

async function bury(keys: KeyStore, key: Key, revokedReason: string | null, revokedAt: number): Promise<Key> {
  if (key.revokedAt !== null) return key;
  const tombstone = { ...key, revokedAt, revokedReason };
  if (!(await keys.update(tombstone))) throw new AppError('VERSION_MISMATCH');
  return { ...tombstone, version: key.version + 1 };
}
