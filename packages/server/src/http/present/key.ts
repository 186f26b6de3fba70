import type { AffectedBody, ApiKeyBody, KeySecretBody } from '@latchkey/contract';
import type { AffectedKeys } from '../../domain/keys/affected-keys.ts';
import { type Key, keyStatus } from '../../domain/keys/key.ts';
import type { SharingSecret } from '../../domain/keys/list-keys.ts';

/** A key for answers. With a secret, which only create and rotate have, `key` is the complete key. */
export function presentKey(key: Key, now: number, secret?: string | null): ApiKeyBody {
  return {
    id: key.id,
    key: secret ?? key.hint,
    workspaceId: key.workspaceId,
    userId: key.owner.id,
    name: key.name,
    isActive: key.isActive,
    createdAt: presentInstant(key.createdAt),
    lastUsedAt: presentOptionalInstant(key.lastUsedAt),
    expiresAt: presentOptionalInstant(key.expiresAt),
    rateLimit: key.rateLimit,
    permissions: [...key.permissions],
    creator: key.owner,
    createdBy: key.createdBy,
    revokedAt: presentOptionalInstant(key.revokedAt),
    revokedReason: key.revokedReason,
    status: keyStatus(key, now),
    use: key.use,
  };
}

export function presentSecrets(secrets: readonly SharingSecret[]): KeySecretBody[] {
  return secrets.map(({ hint, createdAt, endsAt, lastUsedAt, share }) => ({
    hint,
    createdAt: presentInstant(createdAt),
    endsAt: presentOptionalInstant(endsAt),
    lastUsedAt: presentOptionalInstant(lastUsedAt),
    share,
  }));
}

export function presentAffected({ total, keys }: AffectedKeys): AffectedBody {
  return {
    total,
    keys: keys.map(({ id, hint, name, owner, lastUsedAt }) => ({
      id,
      key: hint,
      name,
      userId: owner.id,
      lastUsedAt: presentOptionalInstant(lastUsedAt),
    })),
  };
}

/** A cache of the last instant, since formatting is slow and the instants of one answer are mostly the same. */
let latest = { ms: Number.NaN, text: '' };

/** An instant for answers: RFC 3339 in UTC with milliseconds. */
export function presentInstant(ms: number): string {
  if (ms !== latest.ms) latest = { ms, text: new Date(ms).toISOString() };
  return latest.text;
}

export function presentOptionalInstant(ms: number | null): string | null {
  return ms === null ? null : presentInstant(ms);
}
