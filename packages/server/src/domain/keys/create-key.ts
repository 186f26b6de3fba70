import type { BuiltInPermission } from '@latchkey/contract';
import { changeAuthorized, type PresentCaller } from '../access/authorized-change.ts';
import { recordChange } from '../audit/record-change.ts';
import { AppError, invalid } from '../shared/app-error.ts';
import { type Caller, issuerOf } from '../shared/caller.ts';
import { type Caps, requireRoom } from '../shared/caps.ts';
import type { Clock } from '../shared/clock.ts';
import { newId } from '../shared/id.ts';
import type { Idempotency } from '../shared/idempotent.ts';
import { parseInstant } from '../shared/instant.ts';
import type { Keyring } from '../shared/keyring.ts';
import { parsePlainText } from '../shared/text/plain-text.ts';
import type { UnitOfWork } from '../shared/unit-of-work.ts';
import { originationBy } from '../tenancy/descent.ts';
import { activeMember, type Member } from '../tenancy/member.ts';
import { type Grant, type GrantRequest, requireGrant } from './grant-ceiling.ts';
import { type Key, keyChange } from './key.ts';
import type { KeyStores } from './key-store.ts';
import { idempotentMint, type Mint, type MintedKey, newSecret } from './mint.ts';

export const NAME_CODE_POINTS_MAX = 100;

export interface MintNeeds {
  readonly unitOfWork: UnitOfWork<KeyStores>;
  readonly keyring: Keyring;
  readonly clock: Clock;
}

export interface CreateKeyNeeds extends MintNeeds {
  readonly caps: Caps;
  /** The text of the key. Only the first start gives one; left out: a new random text. */
  readonly givenText?: string;
}

export interface CreateKeyInput extends Pick<GrantRequest, 'permissions' | 'rateLimit' | 'use'> {
  readonly name: string;
  /** The owner of the key. It never decides who the caller is. */
  readonly userId: string;
  /** RFC 3339. Left out and null differ as in `GrantRequest`. */
  readonly expiresAt?: string | null | undefined;
}

/**
 * Makes a key for the caller's own user or, with `api-keys:manage-others`, for another active member of the workspace.
 * USER_NOT_FOUND if there is no such member; EXPIRES_IN_PAST; PERMISSION_ESCALATION and LIMIT_ESCALATION as in
 * `grantCeiling`; LIMIT_REACHED if the owner has the maximum number of keys; VALIDATION_FAILED for name, dates, and permissions
 * of a key for verification. The key is durable when this resolves.
 */
export async function createKey(
  needs: CreateKeyNeeds,
  caller: Caller,
  input: CreateKeyInput,
  idempotency?: Idempotency,
): Promise<MintedKey> {
  const needed = permissionsToCreateFor(caller, input.userId);
  return changeAuthorized(needs, caller, needed, async (stores, caller, now) => {
    const name = parsePlainText(input.name, 'name', NAME_CODE_POINTS_MAX);
    const { permissions, rateLimit, use } = input;
    if (use === 'verify' && permissions !== undefined)
      throw invalid('permissions', 'must be left out: a key for verification has no permissions');
    const expiresAt = parseExpiry(input.expiresAt);
    const owner = await ownerOf(stores, caller, input.userId);
    if (!owner) throw ownerNotFound();
    const request = { permissions, rateLimit, expiresAt, use };
    const { granted, ceiling } = requireGrant(caller, owner.permissions, request);
    requireFuture(granted.expiresAt, now);
    return idempotentMint({ stores, keyring: needs.keyring, now }, caller, idempotency, async () => {
      const { keysPerMember } = needs.caps;
      const count = await stores.keys.countUnrevoked(caller.workspaceId, owner.id, keysPerMember);
      requireRoom(needs.caps, 'keysPerMember', count);
      const isNarrowed =
        use !== 'verify' && permissions === undefined && ceiling.size < owner.permissions.size;
      const minted = await mint(stores, needs, caller, { owner, name, grant: granted, now });
      return { ...minted, isNarrowed };
    });
  });
}

/** Checked before the owner is looked up, so that a denied caller does not learn whether the user exists. */
export function permissionsToCreateFor(caller: Caller, ownerId: string): BuiltInPermission[] {
  return caller.userId === ownerId ? ['api-keys:write'] : ['api-keys:write', 'api-keys:manage-others'];
}

export function ownerNotFound(): AppError {
  const details = [{ field: 'userId', message: 'is not an active member' }];
  return new AppError('USER_NOT_FOUND', { details });
}

async function ownerOf(stores: KeyStores, caller: PresentCaller, userId: string): Promise<Member | null> {
  if (userId === caller.userId) return caller.member;
  return activeMember(stores.members, caller.workspaceId, userId);
}

async function mint(
  stores: KeyStores,
  { keyring, givenText }: CreateKeyNeeds,
  caller: PresentCaller,
  { owner, name, grant, now }: { owner: Member; name: string; grant: Grant; now: number },
): Promise<Mint> {
  const { text, secret } = newSecret(caller.workspace, keyring, now, givenText);
  const key: Key = {
    id: newId('key'),
    workspaceId: caller.workspaceId,
    owner: { id: owner.id, email: owner.email, displayName: owner.displayName },
    name,
    hint: secret.hint,
    isActive: true,
    ...grant,
    createdAt: now,
    createdBy: { kind: caller.kind, userId: caller.userId, keyId: issuerOf(caller)?.keyId ?? null },
    lastUsedAt: null,
    revokedAt: null,
    revokedReason: null,
    version: 1,
    isIntact: true,
  };
  await Promise.all([
    stores.keys.insert(key, secret, owner.permissions),
    stores.descent.record({ kind: 'api-key', id: key.id }, originationBy(caller)),
    recordChange(stores.audit, caller, keyChange('api-key.created', null, key), now),
  ]);
  return { key, secret: text, isNarrowed: false, ended: [] };
}

/** Returns undefined (left out) and null (never expires) unchanged. */
export function parseExpiry(text: string | null | undefined): number | null | undefined {
  return typeof text === 'string' ? parseInstant(text, 'expiresAt') : text;
}

export function requireFuture(expiresAt: number | null, now: number): void {
  if (expiresAt === null || expiresAt > now) return;
  const message = `is ${new Date(expiresAt).toISOString()}, which is not after ${new Date(now).toISOString()}`;
  throw new AppError('EXPIRES_IN_PAST', { details: [{ field: 'expiresAt', message }] });
}
