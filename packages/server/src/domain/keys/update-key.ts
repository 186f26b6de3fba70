import { isDeepStrictEqual } from 'node:util';
import { changeAuthorized } from '../access/authorized-change.ts';
import { keepManagingKey, type ManagingKeyNeeds, manages } from '../access/managing-keys.ts';
import { recordChange } from '../audit/record-change.ts';
import { AppError } from '../shared/app-error.ts';
import { type Caller, type RateLimit, UNLIMITED } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import { parsePlainText } from '../shared/text/plain-text.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import { activeMember } from '../tenancy/member.ts';
import { NAME_CODE_POINTS_MAX, parseExpiry, requireFuture } from './create-key.ts';
import { type GrantRequest, requireGrant } from './grant-ceiling.ts';
import { exceeds, type Key, keyChange, widens } from './key.ts';
import { changeableKey, type KeyStores } from './key-store.ts';

export interface UpdateKeyNeeds extends ManagingKeyNeeds {
  readonly unitOfWork: UnitOfWork<KeyStores>;
  readonly clock: Clock;
}

/** Left out: unchanged. Null: cleared. */
export interface KeyChanges extends Pick<GrantRequest, 'rateLimit'> {
  readonly name?: string | undefined;
  readonly isActive?: boolean | undefined;
  /** RFC 3339. */
  readonly expiresAt?: string | null | undefined;
  /** Disable it, or let it end sooner, although no other active key could make keys and no account can sign in. */
  readonly force?: boolean | undefined;
}

/**
 * Changes a key. A change that widens it (a later expiry, a higher limit, enabling) needs a caller who could create the
 * key as it would then be: PERMISSION_ESCALATION, LIMIT_ESCALATION. NOT_FOUND; CONFLICT if the key is
 * revoked or altered; VERSION_MISMATCH if its version is not one of `expectedVersions`; LAST_MANAGING_KEY;
 * EXPIRES_IN_PAST; VALIDATION_FAILED.
 * If nothing changes, there is no new version and no entry in the audit log.
 */
export async function updateKey(
  needs: UpdateKeyNeeds,
  caller: Caller,
  keyId: string,
  changes: KeyChanges,
  expectedVersions?: readonly number[],
): Promise<Key> {
  return changeAuthorized(needs, caller, ['api-keys:write'], async (stores, caller, now) => {
    const before = await changeableKey(stores.keys, caller, keyId);
    if (expectedVersions?.includes(before.version) === false) throw new AppError('VERSION_MISMATCH');
    const after = applyChanges(before, changes, now);
    if (isDeepStrictEqual(after, before)) return before;
    if (widens(before, after)) {
      const owner = await activeMember(stores.members, caller.workspaceId, before.owner.id);
      requireGrant(caller, owner?.permissions ?? new Set(), after);
    }
    const updated = { ...after, version: after.version + 1 };
    const write = async () => {
      const [isUpdated] = await Promise.all([
        stores.keys.update(after),
        recordChange(stores.audit, caller, keyChange('api-key.updated', before, updated), now),
      ]);
      if (!isUpdated) throw new AppError('VERSION_MISMATCH');
      return updated;
    };
    const endsAt = newEndOf(before, after, now);
    if (endsAt === null || !manages(before.permissions)) return write();
    const { workspaceId } = before;
    return keepManagingKey(stores, { ...needs, workspaceId, now, endsAt, force: changes.force }, write);
  });
}

/** When the key ends by this change; null if it does not end sooner than before. */
function newEndOf(before: Key, after: Key, now: number): number | null {
  if (before.isActive && !after.isActive) return now;
  return exceeds(before.expiresAt, after.expiresAt) ? after.expiresAt : null;
}

function applyChanges(key: Key, changes: KeyChanges, now: number): Key {
  const { isActive = key.isActive } = changes;
  const name =
    changes.name === undefined ? key.name : parsePlainText(changes.name, 'name', NAME_CODE_POINTS_MAX);
  const { expiresAt = key.expiresAt } = { expiresAt: parseExpiry(changes.expiresAt) };
  if (expiresAt !== key.expiresAt) requireFuture(expiresAt, now);
  return { ...key, name, isActive, expiresAt, rateLimit: applyLimits(key.rateLimit, changes.rateLimit) };
}

function applyLimits(present: RateLimit, changes: KeyChanges['rateLimit']): RateLimit {
  if (changes === null) return UNLIMITED;
  const { requestsPerMinute = present.requestsPerMinute, requestsPerDay = present.requestsPerDay } =
    changes ?? {};
  return { requestsPerMinute, requestsPerDay };
}
