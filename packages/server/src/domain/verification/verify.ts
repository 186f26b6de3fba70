import {
  DECISION_STEPS,
  type DecisionStep,
  type Permission,
  type RefusalCode,
  type VerdictCode,
} from '@latchkey/contract';
import { isExpired, type Key } from '../keys/key.ts';
import type { KeyRecord } from '../keys/key-store.ts';
import { ownerRefusal, workspaceRefusal } from '../workspaces/standing.ts';

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

const NOTHING: readonly Permission[] = [];
const INVALID: Decision = { code: 'KEY_INVALID', key: null, holds: NOTHING, missing: NOTHING };

/** The steps of the decision before quota is counted. */
export type VerifyStep = Exclude<DecisionStep, 'minute' | 'day'>;

const STEPS = DECISION_STEPS.filter((step): step is VerifyStep => step !== 'minute' && step !== 'day');

/** What the step has against the record; null: nothing. A step looks at nothing that another one judges. */
function judge(step: VerifyStep, record: KeyRecord, question: Question, now: number): RefusalCode | null {
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
      return workspaceRefusal(standing);
    case 'owner':
      return ownerRefusal(standing);
    case 'disabled':
      return key.isActive ? null : 'KEY_DISABLED';
    case 'expired':
      return isExpired(key, now) ? 'KEY_EXPIRED' : null;
    case 'permission':
      return holdsAll(record, question) ? null : 'PERMISSION_DENIED';
  }
}

/** May this key do this now? Pure: the record found for the secret, the question and the time decide. */
export function verify(record: KeyRecord | null, question: Question, now: number): Decision {
  if (!record) return INVALID;
  const code = firstRefusal(record, question, now)?.code ?? 'VALID';
  if (code === 'KEY_INVALID') return INVALID;
  const missing = code === 'PERMISSION_DENIED' ? missingOf(record, question) : NOTHING;
  return { code, key: record.key, holds: holdsNow(record), missing };
}

/** What one step has against a key; code null: nothing. */
export interface Judgement {
  readonly step: VerifyStep;
  readonly code: RefusalCode | null;
}

/** The step that decides against the key, and how; null where none does. */
export function firstRefusal(
  record: KeyRecord,
  question: Question,
  now: number,
): { readonly step: VerifyStep; readonly code: RefusalCode } | null {
  for (const step of STEPS) {
    const code = judge(step, record, question, now);
    if (code !== null) return { step, code };
  }
  return null;
}

/** Every step by itself, in the order in which `verify` takes them. */
export function judgeEach(record: KeyRecord, question: Question, now: number): Judgement[] {
  return STEPS.map((step) => ({ step, code: judge(step, record, question, now) }));
}

/** What of the permissions asked for the key cannot use now. */
export function missingOf(record: KeyRecord, { permissions }: Question): Permission[] {
  const holds = holdsNow(record);
  return permissions.filter((permission) => !holds.includes(permission));
}

function holdsAll(record: KeyRecord, { permissions }: Question): boolean {
  const holds = holdsNow(record);
  return permissions.every((permission) => holds.includes(permission));
}

/** What a key may do: all of its frozen set, or what the cap of its workspace leaves of it. */
function holdsNow({ key: { permissions }, standing: { cap } }: KeyRecord): readonly Permission[] {
  return cap === null ? permissions : permissions.filter((permission) => cap.has(permission));
}

function isWithin(key: Key, workspaceId: string | null): boolean {
  return workspaceId === null || key.workspaceId === workspaceId;
}

function isRetired(retiresAt: number | null, now: number): boolean {
  return retiresAt !== null && now >= retiresAt;
}
