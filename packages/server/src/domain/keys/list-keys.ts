import { PAGE_SIZE_DEFAULT } from '@latchkey/contract';
import { actsFor, type Caller, permissionDenied, requirePermission } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import { parseInstant } from '../shared/instant.ts';
import type { Key } from './key.ts';
import type { KeyFilter, KeyPage, KeyStore } from './key-store.ts';

type Optional<T> = { readonly [Field in keyof T]?: T[Field] | undefined };

export interface ListKeysInput
  extends Optional<Pick<KeyFilter, 'status' | 'search' | 'permission' | 'exceedsOwner'>>,
    Optional<KeyPage> {
  readonly userId?: string | undefined;
  /** RFC 3339. */
  readonly expiresBefore?: string | undefined;
  readonly unusedSince?: string | undefined;
}

export interface KeyList {
  readonly keys: readonly Key[];
  readonly total: number;
  readonly limit: number;
  readonly offset: number;
}

/**
 * The caller's own keys; with `api-keys:manage-others` those of the whole workspace. Asking for another user's keys
 * without it throws PERMISSION_DENIED, whether or not there is such a user.
 */
export async function listKeys(
  needs: { readonly keys: KeyStore; readonly clock: Clock },
  caller: Caller,
  input: ListKeysInput,
): Promise<KeyList> {
  requirePermission(caller, 'api-keys:read');
  if (input.userId !== undefined && !actsFor(caller, input.userId))
    throw permissionDenied(['api-keys:manage-others']);
  const { sortBy = 'createdAt', sortOrder = 'desc', limit = PAGE_SIZE_DEFAULT, offset = 0 } = input;
  const page = { sortBy, sortOrder, limit, offset };
  const { keys, total } = await needs.keys.list(
    caller.workspaceId,
    toFilter(caller, input),
    page,
    needs.clock.now(),
  );
  return { keys, total, limit, offset };
}

function toFilter(caller: Caller, input: ListKeysInput): KeyFilter {
  const ownerId =
    input.userId ?? (caller.permissions.has('api-keys:manage-others') ? undefined : caller.userId);
  const { status, search, permission, exceedsOwner, expiresBefore, unusedSince } = input;
  return {
    ...(ownerId !== undefined && { ownerId }),
    ...(status !== undefined && { status }),
    ...(search !== undefined && { search }),
    ...(permission !== undefined && { permission }),
    ...(exceedsOwner !== undefined && { exceedsOwner }),
    ...(expiresBefore !== undefined && { expiresBefore: parseInstant(expiresBefore, 'expiresBefore') }),
    ...(unusedSince !== undefined && { unusedSince: parseInstant(unusedSince, 'unusedSince') }),
  };
}
