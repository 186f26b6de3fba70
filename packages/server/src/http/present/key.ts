import type { ApiKeyBody } from '@latchkey/contract';
import { type Key, keyStatus } from '../../domain/keys/key.ts';
import { presentInstant, presentOptionalInstant } from '../present-instant.ts';

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
  };
}
