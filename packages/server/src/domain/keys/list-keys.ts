import type { Permission } from '@latchkey/contract';
import {
  actsFor,
  type Caller,
  limitedToOwner,
  permissionDenied,
  requirePermission,
} from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import type { ListOrder } from '../shared/cursor.ts';
import { parseInstant } from '../shared/instant.ts';
import { type ListedPage, type PageInput, readCountedPage } from '../shared/page.ts';
import { BUCKET_MS, bucketStart, lastMinutes } from '../usage/bucket.ts';
import type { UsageStore } from '../usage/usage-store.ts';
import type { Key } from './key.ts';
import {
  type KeyFilter,
  type KeyPage,
  type KeySecret,
  type KeySort,
  type KeyStore,
  type OwnerHoldings,
  visibleKey,
} from './key-store.ts';

type Optional<T> = { readonly [Field in keyof T]?: T[Field] | undefined };

export interface ListKeysInput
  extends Optional<Pick<KeyFilter, 'status' | 'search' | 'permission' | 'exceedsOwner' | 'createdByKeyId'>>,
    Optional<Pick<KeyPage, 'sortBy' | 'sortOrder' | 'offset'>>,
    PageInput {
  readonly userId?: string | undefined;
  /** RFC 3339. */
  readonly expiresBefore?: string | undefined;
  readonly unusedSince?: string | undefined;
}

export interface KeyList extends ListedPage<Key> {
  readonly total: number;
  /** Null if the page was requested with a cursor. */
  readonly offset: number | null;
}

/** The types of the position in each sort order; null for a time that the key does not have. */
const SORTED_BY = {
  createdAt: 'number',
  name: 'text',
  lastUsedAt: 'number or null',
  expiresAt: 'number or null',
} as const satisfies Record<KeySort, ListOrder['sortedBy']>;

/**
 * The caller's own keys; with `api-keys:manage-others` those of the whole workspace. A request for another user's keys
 * without it throws PERMISSION_DENIED, whether or not that user exists. VALIDATION_FAILED for a cursor of another list,
 * and for a cursor together with an offset.
 */
export async function listKeys(
  needs: { readonly keys: KeyStore; readonly clock: Clock },
  caller: Caller,
  input: ListKeysInput,
): Promise<KeyList> {
  requirePermission(caller, 'api-keys:read');
  if (input.userId !== undefined && !actsFor(caller, input.userId))
    throw permissionDenied(['api-keys:manage-others']);
  const { sortBy = 'createdAt', sortOrder = 'desc' } = input;
  const { workspaceId } = caller;
  const filter = toFilter(caller, input);
  const list = { name: 'api-keys', workspaceId, filter, sortBy, sortOrder };
  return readCountedPage({ list, sortedBy: SORTED_BY[sortBy] }, input, (page) =>
    needs.keys.list(workspaceId, filter, { ...page, sortBy, sortOrder }, needs.clock.now()),
  );
}

function toFilter(caller: Caller, input: ListKeysInput): KeyFilter {
  const ownerId = input.userId ?? limitedToOwner(caller);
  const { status, search, permission, exceedsOwner, createdByKeyId, expiresBefore, unusedSince } = input;
  return {
    ...(ownerId !== undefined && { ownerId }),
    ...(status !== undefined && { status }),
    ...(search !== undefined && { search }),
    ...(permission !== undefined && { permission }),
    ...(exceedsOwner !== undefined && { exceedsOwner }),
    ...(createdByKeyId !== undefined && { createdByKeyId }),
    ...(expiresBefore !== undefined && { expiresBefore: parseInstant(expiresBefore, 'expiresBefore') }),
    ...(unusedSince !== undefined && { unusedSince: parseInstant(unusedSince, 'unusedSince') }),
  };
}

/** Returns a key, also a revoked one. NOT_FOUND if the caller may not see it. */
export async function getKey(
  needs: { readonly keys: KeyStore },
  caller: Caller,
  keyId: string,
): Promise<Key> {
  requirePermission(caller, 'api-keys:read');
  return visibleKey(needs.keys, caller, keyId);
}

/** Who made a key and with which permissions, compared with the permissions of its owner now. */
export interface Provenance {
  readonly key: Key;
  readonly owner: OwnerHoldings;
  /** Permissions that the key holds and its owner's role no longer gives. */
  readonly exceeding: readonly Permission[];
}

/** NOT_FOUND if the caller may not see the key. */
export async function getProvenance(
  { keys }: { readonly keys: KeyStore },
  caller: Caller,
  keyId: string,
): Promise<Provenance> {
  requirePermission(caller, 'api-keys:read');
  const key = await visibleKey(keys, caller, keyId);
  const owner = (await keys.ownerHoldings(key.workspaceId, key.id)) ?? { held: [], holdsNow: [] };
  const exceeding = key.permissions.filter((permission) => !owner.holdsNow.includes(permission));
  return { key, owner, exceeding };
}

/** A secret that works, with its part of the allowed verdicts of its key. */
export interface SharingSecret extends KeySecret {
  /** From 0 to 1; null: the key had no allowed verdict in the last hour and since the minute after the rotation. */
  readonly share: number | null;
}

export interface SecretNeeds {
  readonly keys: KeyStore;
  readonly usage: UsageStore;
  readonly clock: Clock;
}

/** The secrets of a key that work, the present one first; none if the key is revoked. NOT_FOUND. */
export async function listSecrets(
  { keys, usage, clock }: SecretNeeds,
  caller: Caller,
  keyId: string,
): Promise<SharingSecret[]> {
  requirePermission(caller, 'api-keys:read');
  const now = clock.now();
  const { id, workspaceId, revokedAt } = await visibleKey(keys, caller, keyId);
  const secrets = revokedAt === null ? await keys.secrets(workspaceId, id, now) : [];
  const [present] = secrets;
  if (!present) return [];
  const hour = lastMinutes(now, 60);
  // Verdicts of the minute of the rotation are counted together, whether they were before or after it.
  const sinceRotation = bucketStart(present.createdAt, 'minute') + BUCKET_MS.minute;
  const from = secrets.length > 1 ? Math.max(hour.from, sinceRotation) : hour.from;
  const [counts, old] = await Promise.all([
    usage.countByKey(workspaceId, [id], { ...hour, from }),
    usage.countOldSecret(workspaceId, id, from),
  ]);
  const allowed = counts.find(({ code }) => code === 'VALID')?.count ?? 0;
  return secrets.map((secret) => {
    const uses = secret.endsAt === null ? allowed - old : old;
    return { ...secret, share: allowed === 0 ? null : Math.min(1, Math.max(0, uses / allowed)) };
  });
}
