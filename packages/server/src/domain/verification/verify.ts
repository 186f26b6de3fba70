import {
  type Catalogue,
  DECISION_STEPS,
  type DecisionStep,
  type DenialCode,
  type Permission,
  type VerdictCode,
} from '@latchkey/contract';
import { isExpired, type Key } from '../keys/key.ts';
import type { KeyRecord } from '../keys/key-store.ts';
import { invalid } from '../shared/app-error.ts';
import { denialByOwner, denialByWorkspace } from '../tenancy/credential-status.ts';

export interface Question {
  /** Null: the key checks itself, so it may be of any workspace. */
  readonly workspaceId: string | null;
  /** The key must hold all of these. */
  readonly permissions: readonly Permission[];
}

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

/** The steps of the decision before quota is counted. */
export type VerifyStep = Exclude<DecisionStep, 'minute' | 'day'>;

const STEPS = DECISION_STEPS.filter((step): step is VerifyStep => step !== 'minute' && step !== 'day');

/** The code with which the step denies the record; null: it passes. Steps are independent of each other. */
function judge(step: VerifyStep, record: KeyRecord, question: Question, now: number): DenialCode | null {
  const { key, standing, secretRetiresAt } = record;
  switch (step) {
    case 'exists':
      return isWithin(key, question.workspaceId) ? null : 'KEY_INVALID';
    case 'intact':
      return key.isIntact ? null : 'KEY_INVALID';
    case 'revoked':
      return key.revokedAt === null ? null : 'KEY_REVOKED';
    case 'rotated':
      return isRetired(secretRetiresAt, now) ? 'KEY_REVOKED' : null;
    case 'workspace':
      return denialByWorkspace(standing);
    case 'owner':
      return denialByOwner(standing);
    case 'disabled':
      return key.isActive ? null : 'KEY_DISABLED';
    case 'expired':
      return isExpired(key, now) ? 'KEY_EXPIRED' : null;
    case 'permission':
      return holdsAll(record, question) ? null : 'PERMISSION_DENIED';
  }
}

/** Decides whether the key may be used now. A pure function of the record for the secret, the question and the time. */
export function verify(record: KeyRecord | null, question: Question, now: number): Decision {
  if (!record) return INVALID;
  const code = firstRefusal(record, question, now)?.code ?? 'VALID';
  if (code === 'KEY_INVALID') return INVALID;
  const missing = code === 'PERMISSION_DENIED' ? missingOf(record, question) : NOTHING;
  return { code, key: record.key, holds: holdsNow(record), missing };
}

/** The result of one step; code null: the key passes. */
export interface Judgement {
  readonly step: VerifyStep;
  readonly code: DenialCode | null;
}

/** The first step that denies the key, and its code; null when all pass. */
export function firstRefusal(
  record: KeyRecord,
  question: Question,
  now: number,
): { readonly step: VerifyStep; readonly code: DenialCode } | null {
  for (const step of STEPS) {
    const code = judge(step, record, question, now);
    if (code !== null) return { step, code };
  }
  return null;
}

/** The result of each step on its own, in the order of `verify`. */
export function judgeEach(record: KeyRecord, question: Question, now: number): Judgement[] {
  return STEPS.map((step) => ({ step, code: judge(step, record, question, now) }));
}

/** The requested permissions that the key cannot use now. */
export function missingOf(record: KeyRecord, { permissions }: Question): Permission[] {
  const holds = holdsNow(record);
  return permissions.filter((permission) => !holds.includes(permission));
}

function holdsAll(record: KeyRecord, { permissions }: Question): boolean {
  const holds = holdsNow(record);
  return permissions.every((permission) => holds.includes(permission));
}

/** The permissions that the key can use now: its frozen set, reduced by the cap of its workspace. */
function holdsNow({ key: { permissions }, standing: { cap } }: KeyRecord): readonly Permission[] {
  return cap === null ? permissions : permissions.filter((permission) => cap.has(permission));
}

function isWithin(key: Key, workspaceId: string | null): boolean {
  return workspaceId === null || key.workspaceId === workspaceId;
}

function isRetired(retiresAt: number | null, now: number): boolean {
  return retiresAt !== null && now >= retiresAt;
}

/** Parses comma-separated names of permissions. Throws VALIDATION_FAILED when one is not in the catalogue. */
export function parsePermissions(text: string | undefined, catalogue: Catalogue): Permission[] {
  const names = text === undefined ? [] : text.split(',').map((name) => name.trim());
  if (names.every((name) => catalogue.has(name))) return names;
  throw invalid('permissions', 'must be a comma-separated list of permissions of the catalogue');
}
