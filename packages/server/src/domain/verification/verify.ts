import type { Permission, VerdictCode } from '@latchkey/contract';
import { isExpired, type Key } from '../keys/key.ts';
import type { KeyRecord } from '../keys/key-store.ts';

export interface Question {
  /** Null: the key asks about itself, so any workspace will do. */
  readonly workspaceId: string | null;
  /** All of these must be held. */
  readonly permissions: readonly Permission[];
}

/** The decision before quota is counted. The key is there for whoever has shown its secret to the right workspace. */
export type Decision =
  | {
      readonly code: Exclude<VerdictCode, 'KEY_INVALID'>;
      readonly key: Key;
      readonly missing: readonly Permission[];
    }
  | { readonly code: 'KEY_INVALID'; readonly key: null; readonly missing: readonly Permission[] };

const INVALID: Decision = { code: 'KEY_INVALID', key: null, missing: [] };

/**
 * May this key do this now? Pure: the record found for the secret, the question and the time decide. The order is fixed,
 * from what only an outsider could get wrong to what the owner can mend: exists here, intact, revoked, disabled,
 * expired, permissions.
 */
export function verify(record: KeyRecord | null, question: Question, now: number): Decision {
  if (!record?.key.isIntact) return INVALID;
  const { key, secretRetiresAt } = record;
  if (question.workspaceId !== null && key.workspaceId !== question.workspaceId) return INVALID;
  if (key.revokedAt !== null || isRetired(secretRetiresAt, now))
    return { code: 'KEY_REVOKED', key, missing: [] };
  if (!key.isActive) return { code: 'KEY_DISABLED', key, missing: [] };
  if (isExpired(key, now)) return { code: 'KEY_EXPIRED', key, missing: [] };
  const missing = question.permissions.filter((permission) => !key.permissions.includes(permission));
  return { code: missing.length > 0 ? 'PERMISSION_DENIED' : 'VALID', key, missing };
}

function isRetired(retiresAt: number | null, now: number): boolean {
  return retiresAt !== null && now >= retiresAt;
}
