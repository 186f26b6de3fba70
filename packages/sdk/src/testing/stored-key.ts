import type { ApiKeyBody, KeyUse, Permission, RateLimitBody, VerdictCode } from '@latchkey/contract';
import { type DecisionRecord, isExpired } from '@latchkey/contract/decision';
import { BASE62, hintOf, RANDOM_LENGTH, secretText } from '@latchkey/contract/key-format';
import { Limiter } from './limiter.ts';

/** Who owns all keys of the double. */
export interface Owner {
  readonly workspaceId: string;
  readonly userId: string;
}

export interface StoredSecret {
  readonly text: string;
  readonly createdAt: number;
  /** Null: it is the present secret. */
  retiresAt: number | null;
  lastUsedAt: number | null;
}

/** A verdict on a key, for the counts. */
export interface PastVerdict {
  readonly at: number;
  readonly code: VerdictCode;
  /** Whether the key was presented with the secret before the last rotation. */
  readonly isOldSecret: boolean;
}

/** A key of the double. */
export interface StoredKey {
  readonly id: string;
  readonly use: KeyUse;
  readonly permissions: readonly Permission[];
  readonly createdAt: number;
  readonly createdByKeyId: string | null;
  readonly limiter: Limiter;
  readonly verdicts: PastVerdict[];
  name: string;
  isActive: boolean;
  expiresAt: number | null;
  rateLimit: RateLimitBody;
  revokedAt: number | null;
  revokedReason: string | null;
  lastUsedAt: number | null;
  /** The present secret, and after a rotation the one before it. */
  secrets: StoredSecret[];
}

export interface KeyDraft
  extends Pick<
    StoredKey,
    'id' | 'name' | 'use' | 'permissions' | 'expiresAt' | 'rateLimit' | 'createdByKeyId'
  > {}

export function storedKey(draft: KeyDraft, now: number): StoredKey {
  return {
    ...draft,
    createdAt: now,
    limiter: new Limiter(),
    verdicts: [],
    isActive: true,
    revokedAt: null,
    revokedReason: null,
    lastUsedAt: null,
    secrets: [newSecret(now)],
  };
}

/** A secret in the format of a key, with the labels of tests, so that it is never taken for a real one. */
export function newSecret(createdAt: number): StoredSecret {
  const random = crypto.getRandomValues(new Uint8Array(RANDOM_LENGTH));
  const text = secretText('lk_test', [...random].map((byte) => BASE62.charAt(byte % BASE62.length)).join(''));
  return { text, createdAt, retiresAt: null, lastUsedAt: null };
}

/** The present secret of the key. */
export function secretOf({ secrets }: StoredKey): string {
  return secrets[0]?.text ?? '';
}

/** What the decision needs to know about the key that was found by this secret. */
export function recordOf(key: StoredKey, secret: string, { workspaceId }: Owner): DecisionRecord {
  const { retiresAt = null } = key.secrets.find(({ text }) => text === secret) ?? {};
  return {
    key: { ...key, workspaceId, isIntact: true },
    secretRetiresAt: retiresAt,
    status: { workspace: 'active', owner: 'active', cap: null },
  };
}

/** The key as the service presents it; with its secret only in the answer that creates it. */
export function presented(key: StoredKey, owner: Owner, now: number, secret?: string): ApiKeyBody {
  const { workspaceId, userId } = owner;
  return {
    id: key.id,
    key: secret ?? hintOf(secretOf(key)),
    workspaceId,
    userId,
    name: key.name,
    isActive: key.isActive,
    createdAt: instant(key.createdAt),
    lastUsedAt: optionalInstant(key.lastUsedAt),
    expiresAt: optionalInstant(key.expiresAt),
    rateLimit: key.rateLimit,
    permissions: [...key.permissions],
    creator: { id: userId, email: 'owner@example.com', displayName: 'Owner' },
    createdBy: { kind: key.createdByKeyId === null ? 'operator' : 'key', userId, keyId: key.createdByKeyId },
    revokedAt: optionalInstant(key.revokedAt),
    revokedReason: key.revokedReason,
    status: statusOf(key, now),
    use: key.use,
  };
}

function statusOf(key: StoredKey, now: number): ApiKeyBody['status'] {
  if (key.revokedAt !== null) return 'revoked';
  if (!key.isActive) return 'disabled';
  return isExpired(key, now) ? 'expired' : 'active';
}

export function instant(ms: number): string {
  return new Date(ms).toISOString();
}

export function optionalInstant(ms: number | null): string | null {
  return ms === null ? null : instant(ms);
}
