import type { Permission, VerdictCode } from '@latchkey/contract';
import type { Key } from '../keys/key.ts';
import type { KeyRecord } from '../keys/key-store.ts';
import { refusalOf, type Standing } from '../workspaces/standing.ts';

export interface Question {
  /** Null: the key asks about itself, so any workspace will do. */
  readonly workspaceId: string | null;
  /** All of these must be held. */
  readonly permissions: readonly Permission[];
}

/** What is decided of a key that exists. */
export interface KeyDecision {
  readonly code: Exclude<VerdictCode, 'KEY_INVALID'>;
  readonly key: Key;
  /** What the key may do now: its frozen set, or less where the workspace caps it. */
  readonly holds: readonly Permission[];
  readonly missing: readonly Permission[];
}

/** The decision before quota is counted. The key is there for whoever has shown its secret to the right workspace. */
export type Decision =
  | KeyDecision
  | {
      readonly code: 'KEY_INVALID';
      readonly key: null;
      readonly holds: readonly Permission[];
      readonly missing: readonly Permission[];
    };

const INVALID: Decision = { code: 'KEY_INVALID', key: null, holds: [], missing: [] };

/**
 * May this key do this now? Pure: the record found for the secret, the question and the time decide. The order is fixed,
 * from what only an outsider could get wrong to what the owner can mend: exists here, intact, revoked, workspace, owner,
 * disabled, expired, permissions.
 */
export function verify(record: KeyRecord | null, question: Question, now: number): Decision {
  if (!record?.key.isIntact) return INVALID;
  const { key } = record;
  if (question.workspaceId !== null && key.workspaceId !== question.workspaceId) return INVALID;
  const holds = holdsNow(key, record.standing);
  const isOver = isRetired(record.secretRetiresAt, now);
  const refusal = isOver ? 'KEY_REVOKED' : refusalOf(key, record.standing, now);
  if (refusal) return { code: refusal, key, holds, missing: [] };
  const missing = question.permissions.filter((permission) => !holds.includes(permission));
  return { code: missing.length > 0 ? 'PERMISSION_DENIED' : 'VALID', key, holds, missing };
}

/** What a key may do: all of its frozen set, or what the cap of its workspace leaves of it. */
function holdsNow({ permissions }: Key, { cap }: Standing): readonly Permission[] {
  return cap === null ? permissions : permissions.filter((permission) => cap.has(permission));
}

function isRetired(retiresAt: number | null, now: number): boolean {
  return retiresAt !== null && now >= retiresAt;
}
