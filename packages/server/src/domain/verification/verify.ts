import {
  type Catalogue,
  firstDenial,
  heldPermissions,
  missingPermissions,
  type Permission,
  type Question,
  type VerdictCode,
} from '@latchkey/contract';
import type { Key } from '../keys/key.ts';
import type { KeyRecord } from '../keys/key-store.ts';
import { invalid } from '../shared/app-error.ts';

/** The decision about a key that exists. */
export interface KeyDecision {
  readonly code: Exclude<VerdictCode, 'KEY_INVALID'>;
  readonly key: Key;
  /** The permissions that the key can use now: its frozen set, reduced by the cap of its workspace. */
  readonly holds: readonly Permission[];
  readonly missing: readonly Permission[];
}

/** The decision before quota is counted. It has the key only when the secret was sent to the key's own workspace. */
export type Decision =
  | KeyDecision
  | {
      readonly code: 'KEY_INVALID';
      readonly key: null;
      readonly holds: readonly Permission[];
      readonly missing: readonly Permission[];
    };

const NOTHING: readonly Permission[] = [];
const INVALID: Decision = { code: 'KEY_INVALID', key: null, holds: NOTHING, missing: NOTHING };

/** Decides whether the key may be used now. A pure function of the record for the secret, the question and the time. */
export function verify(record: KeyRecord | null, question: Question, now: number): Decision {
  if (!record) return INVALID;
  const code = firstDenial(record, question, now)?.code ?? 'VALID';
  if (code === 'KEY_INVALID') return INVALID;
  const missing = code === 'PERMISSION_DENIED' ? missingPermissions(record, question) : NOTHING;
  return { code, key: record.key, holds: heldPermissions(record), missing };
}

/** Parses comma-separated names of permissions. Throws VALIDATION_FAILED when one is not in the catalogue. */
export function parsePermissions(text: string | undefined, catalogue: Catalogue): Permission[] {
  const names = text === undefined ? [] : text.split(',').map((name) => name.trim());
  if (names.every((name) => catalogue.has(name))) return names;
  throw invalid('permissions', 'must be a comma-separated list of permissions of the catalogue');
}
