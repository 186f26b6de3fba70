import type { Permission } from './permissions.ts';
import type { MemberStatus } from './schemas/member.ts';
import type { WorkspaceStatus } from './schemas/workspace.ts';
import { DECISION_STEPS, type DecisionStep, type DenialCode, type VerdictCode } from './verdicts.ts';

/*
 * The decision whether a key may be used, as pure functions of plain data, for every program that verifies, simulates or
 * explains keys. All times are milliseconds since 1970. A value from a newer service that is not in these types is denied.
 */

/** The facts on which every use of a credential depends, whatever it is used for. */
export interface CredentialRecord {
  readonly key: {
    readonly revokedAt: number | null;
    readonly isActive: boolean;
    /** Valid while `now < expiresAt`; null: it never expires. */
    readonly expiresAt: number | null;
  };
  /** When the secret ends, if a rotation has replaced it. */
  readonly secretRetiresAt: number | null;
  readonly status: {
    readonly workspace: WorkspaceStatus;
    /** Null: the owner is not a member of the workspace. */
    readonly owner: MemberStatus | null;
  };
}

/** A key, found by one of its secrets. */
export interface DecisionRecord extends CredentialRecord {
  readonly key: CredentialRecord['key'] & {
    readonly workspaceId: string;
    /** The frozen set. */
    readonly permissions: readonly Permission[];
    /** False: the stored key was edited outside the service. */
    readonly isIntact: boolean;
  };
  readonly status: CredentialRecord['status'] & {
    /** The present permissions of the owner's role, if the workspace caps keys by it; null: its keys are frozen. */
    readonly cap: ReadonlySet<Permission> | null;
  };
}

/** The question about a key: from which workspace, and for which permissions. */
export interface Question {
  /** Null: the key checks itself, so it may be of any workspace. */
  readonly workspaceId: string | null;
  /** The key must hold all of these. */
  readonly permissions: readonly Permission[];
}

/** The answer of the limiter for the cost of the call. Null instead of a limit: the key does not have it. */
export interface LimiterAnswer {
  readonly minute: { readonly remaining: number } | null;
  readonly day: { readonly remaining: number } | null;
  /** Null: the limits allow the call. */
  readonly retryAfterSeconds: number | null;
}

/** A question, and the quota that a `VALID` verdict takes. */
export interface DecisionRequest extends Question {
  readonly cost: number;
}

/** The result of one step; code null: the key passes. */
export interface Judgement<Step extends DecisionStep = DecisionStep> {
  readonly step: Step;
  readonly code: DenialCode | null;
}

/** The step that decides a verdict, and its code. */
export interface StepDenial<Step extends DecisionStep = DecisionStep> {
  readonly step: Step;
  readonly code: DenialCode;
}

export type LimitStep = Extract<DecisionStep, 'minute' | 'day'>;
export type KeyStep = Exclude<DecisionStep, LimitStep>;

const LIMIT_STEPS = DECISION_STEPS.filter(isLimitStep);
const KEY_STEPS = DECISION_STEPS.filter((step): step is KeyStep => !isLimitStep(step));
const NOTHING_ASKED: Question = { workspaceId: null, permissions: [] };

/**
 * The verdict on a key: that of the first step that denies it. `record`: null when no key has the secret. `limiter`: left
 * out to decide without limits.
 */
export function decide(
  record: DecisionRecord | null,
  request: DecisionRequest,
  now: number,
  limiter?: LimiterAnswer,
): VerdictCode {
  if (!record) return 'KEY_INVALID';
  const denial = firstDenial(record, request, now) ?? (limiter ? limitDenial(limiter, request.cost) : null);
  return denial?.code ?? 'VALID';
}

/** The result of each step on its own, in the order of `decide`. */
export function judgeEach(
  record: DecisionRecord,
  request: DecisionRequest,
  now: number,
  limiter: LimiterAnswer,
): Judgement[] {
  return DECISION_STEPS.map((step) => ({
    step,
    code: isLimitStep(step) ? judgeLimit(step, limiter, request.cost) : judge(step, record, request, now),
  }));
}

/** The first step before the limits that denies the key; null when all pass. */
export function firstDenial(
  record: DecisionRecord,
  question: Question,
  now: number,
): StepDenial<KeyStep> | null {
  for (const step of KEY_STEPS) {
    const code = judge(step, record, question, now);
    if (code !== null) return { step, code };
  }
  return null;
}

/** The limit that denies a call of this cost; null when the limiter allows it. */
export function limitDenial(limiter: LimiterAnswer, cost: number): StepDenial<LimitStep> | null {
  for (const step of LIMIT_STEPS) {
    const code = judgeLimit(step, limiter, cost);
    if (code !== null) return { step, code };
  }
  return null;
}

/** The first reason to deny a credential, whatever it is used for; null if it is valid. */
export function credentialDenial(record: CredentialRecord, now: number): DenialCode | null {
  const { key, secretRetiresAt, status } = record;
  const asKey = { ...key, workspaceId: '', permissions: [], isIntact: true };
  const denial = firstDenial(
    { key: asKey, secretRetiresAt, status: { ...status, cap: null } },
    NOTHING_ASKED,
    now,
  );
  return denial?.code ?? null;
}

/** The permissions that the key can use now: its frozen set, reduced by the cap of its workspace. */
export function heldPermissions({ key, status: { cap } }: DecisionRecord): readonly Permission[] {
  return cap === null ? key.permissions : key.permissions.filter((permission) => cap.has(permission));
}

/** The permissions of the question that the key cannot use now. */
export function missingPermissions(record: DecisionRecord, { permissions }: Question): Permission[] {
  const held = heldPermissions(record);
  return permissions.filter((permission) => !held.includes(permission));
}

/** A key is valid while `now < expiresAt`, to the millisecond. */
export function isExpired({ expiresAt }: { readonly expiresAt: number | null }, now: number): boolean {
  return expiresAt !== null && now >= expiresAt;
}

/** The code with which the step denies the key; null: it passes. Steps are independent of each other. */
function judge(step: KeyStep, record: DecisionRecord, question: Question, now: number): DenialCode | null {
  const { key, secretRetiresAt, status } = record;
  switch (step) {
    case 'exists':
      return isWithin(record, question) ? null : 'KEY_INVALID';
    case 'intact':
      return key.isIntact ? null : 'KEY_INVALID';
    case 'revoked':
      return key.revokedAt === null ? null : 'KEY_REVOKED';
    case 'rotated':
      return secretRetiresAt !== null && now >= secretRetiresAt ? 'KEY_REVOKED' : null;
    case 'workspace':
      return denialByWorkspace(status.workspace);
    case 'owner':
      return denialByOwner(status.owner);
    case 'disabled':
      return key.isActive ? null : 'KEY_DISABLED';
    case 'expired':
      return isExpired(key, now) ? 'KEY_EXPIRED' : null;
    case 'permission':
      return holdsAll(record, question) ? null : 'PERMISSION_DENIED';
  }
}

function denialByWorkspace(status: WorkspaceStatus): DenialCode | null {
  if (status === 'active') return null;
  return status === 'suspended' ? 'WORKSPACE_SUSPENDED' : 'KEY_REVOKED';
}

function denialByOwner(status: MemberStatus | null): DenialCode | null {
  if (status === 'active') return null;
  return status === null ? 'KEY_REVOKED' : 'KEY_DISABLED';
}

/** If the limiter denies a call although both limits have room, the day is the reason. */
function judgeLimit(
  step: LimitStep,
  { minute, day, retryAfterSeconds }: LimiterAnswer,
  cost: number,
): DenialCode | null {
  if (retryAfterSeconds === null) return null;
  const passes = step === 'minute' ? hasRoom(minute, cost) : hasRoom(day, cost) && !hasRoom(minute, cost);
  return passes ? null : 'RATE_LIMITED';
}

function hasRoom(limit: LimiterAnswer['minute'], cost: number): boolean {
  return limit === null || cost === 0 || cost <= limit.remaining;
}

function isWithin({ key }: DecisionRecord, { workspaceId }: Question): boolean {
  return workspaceId === null || key.workspaceId === workspaceId;
}

function holdsAll(record: DecisionRecord, { permissions }: Question): boolean {
  const held = heldPermissions(record);
  return permissions.every((permission) => held.includes(permission));
}

function isLimitStep(step: DecisionStep): step is LimitStep {
  return step === 'minute' || step === 'day';
}
