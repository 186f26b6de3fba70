import { changeAuthorized } from '../access/authorized-change.ts';
import { COMPROMISED, endDescendants } from '../access/end-descendants.ts';
import { keepManagingKey, type ManagingKeyNeeds, manages } from '../access/managing-keys.ts';
import { recordChange } from '../audit/record-change.ts';
import { AppError } from '../shared/app-error.ts';
import type { Caller } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import { parsePlainText } from '../shared/text/plain-text.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import type { Credential } from '../tenancy/descent.ts';
import { type Key, keyChange } from './key.ts';
import { type KeyStores, visibleKey } from './key-store.ts';

const REASON_CODE_POINTS_MAX = 200;

export interface RevokeKeyNeeds extends ManagingKeyNeeds {
  readonly unitOfWork: UnitOfWork<KeyStores>;
  readonly clock: Clock;
}

export interface Revocation {
  readonly reason?: string | undefined;
  /** Also end the keys, secrets and members that derive from the key. */
  readonly cascade?: boolean | undefined;
  /** Revoke it although no other active key could make keys and no account can sign in. */
  readonly force?: boolean | undefined;
}

export interface RevokedKey {
  readonly key: Key;
  /** From this instant no instance accepts the key. */
  readonly effectiveBy: number;
  /** Keys that derive from this one and are not revoked. */
  readonly livingDescendants: number;
  /** All other credentials that ended with it. */
  readonly ended: readonly Credential[];
}

/**
 * Revokes a key permanently and keeps it as a tombstone. Revoking it again changes nothing. The sessions, sign-in links and
 * open invitations that it made end with it. With `cascade`, everything else that derives from it ends too if the caller
 * may end it; with the reason COMPROMISED, all of it. The holder of a key may always revoke that key itself; any other
 * caller needs `api-keys:delete`. NOT_FOUND; LAST_MANAGING_KEY.
 */
export async function revokeKey(
  needs: RevokeKeyNeeds,
  caller: Caller,
  keyId: string,
  { reason, cascade = false, force }: Revocation,
): Promise<RevokedKey> {
  const permissions = caller.keyId === keyId ? [] : (['api-keys:delete'] as const);
  const { workspaceId } = caller;
  return changeAuthorized(needs, caller, permissions, async (stores, caller, now) => {
    const text = parseReason(reason);
    const [found, children] = await Promise.all([
      visibleKey(stores.keys, caller, keyId),
      stores.descent.childrenOf(workspaceId, [keyId]),
    ]);
    const revoke = () => revokeFound(stores, caller, { found, children, text, cascade }, now);
    if (!manages(found.permissions) && children.length === 0) return revoke();
    return keepManagingKey(stores, { ...needs, workspaceId, now, force }, revoke);
  });
}

interface FoundKey {
  readonly found: Key;
  readonly children: readonly Credential[];
  readonly text: string | null;
  readonly cascade: boolean;
}

async function revokeFound(
  stores: KeyStores,
  caller: Caller,
  { found, children, text, cascade }: FoundKey,
  now: number,
): Promise<RevokedKey> {
  const tombstone = found.revokedAt === null ? await bury(stores, found, text, now) : found;
  const isCompromised = text === COMPROMISED || tombstone.revokedReason === COMPROMISED;
  const ending = {
    roots: [found.id],
    children,
    cascade: cascade || isCompromised,
    reason: isCompromised ? COMPROMISED : text,
  };
  const { ended, livingKeys } = await endDescendants(stores, caller, ending, now);
  if (tombstone !== found || ended.length > 0) {
    await recordChange(stores.audit, caller, keyChange('api-key.revoked', found, tombstone, ended), now);
  }
  return { key: tombstone, effectiveBy: tombstone.revokedAt ?? now, livingDescendants: livingKeys, ended };
}

/** COMPROMISED is recognised in any case, so that a typing slip does not leave a thief's keys active. */
function parseReason(reason: string | undefined): string | null {
  if (reason === undefined) return null;
  const text = parsePlainText(reason, 'reason', REASON_CODE_POINTS_MAX);
  return text.toUpperCase() === COMPROMISED ? COMPROMISED : text;
}

async function bury({ keys }: KeyStores, key: Key, revokedReason: string | null, now: number): Promise<Key> {
  const tombstone = { ...key, revokedAt: now, revokedReason };
  if (!(await keys.update(tombstone))) throw new AppError('VERSION_MISMATCH');
  return { ...tombstone, version: key.version + 1 };
}
