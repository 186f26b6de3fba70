import {
  type Catalogue,
  type DecisionRequest,
  type DecisionStep,
  judgeEach,
  missingPermissions,
  type Permission,
  type VerdictCode,
} from '@latchkey/contract';
import type { Key } from '../keys/key.ts';
import { type KeyStore, visibleKey } from '../keys/key-store.ts';
import { AppError } from '../shared/app-error.ts';
import { type Caller, requirePermission } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import { describeStep, type Facts } from './describe-step.ts';
import type { QuotaCounters, QuotaState } from './limits/quota-counters.ts';
import { parsePermissions } from './verify.ts';

export interface ExplainKeyInput {
  /** Comma-separated names. */
  readonly permissions?: string | undefined;
  /** Left out: 1. */
  readonly cost?: number | undefined;
}

/** The result of one step of the decision on its own. */
export interface ExplainedStep {
  readonly step: DecisionStep;
  readonly passes: boolean;
  /** The verdict, when this step decides it; else null. */
  readonly code: VerdictCode | null;
  /** What the step found, for people. */
  readonly note: string;
}

export interface Explanation {
  readonly key: Key;
  readonly code: VerdictCode;
  readonly missing: readonly Permission[];
  readonly quota: QuotaState;
  readonly steps: readonly ExplainedStep[];
}

export interface ExplainNeeds {
  readonly keys: KeyStore;
  readonly counters: QuotaCounters;
  readonly catalogue: Catalogue;
  readonly clock: Clock;
}

/**
 * The verdict that the current secret of the key would get now, and why. Takes no quota and counts no use. Throws NOT_FOUND
 * when the caller may not see the key.
 */
export async function explainKey(
  { keys, counters, catalogue, clock }: ExplainNeeds,
  caller: Caller,
  keyId: string,
  { permissions, cost = 1 }: ExplainKeyInput,
): Promise<Explanation> {
  requirePermission(caller, 'api-keys:read');
  const { id, workspaceId } = await visibleKey(keys, caller, keyId);
  const request = { workspaceId, permissions: parsePermissions(permissions, catalogue), cost };
  const record = await keys.findRecord(workspaceId, id);
  if (!record) throw new AppError('INTERNAL', { cause: new Error(`the key ${id} has no current secret`) });
  const now = clock.now();
  const state = await counters.peek(record.key, cost, now);
  const missing = missingPermissions(record, request);
  const steps = explain({ record, missing, quota: state, now }, request);
  const code = steps.find((step) => step.code !== null)?.code ?? 'VALID';
  // A retry helps only when no other step denies the key.
  const quota = code === 'RATE_LIMITED' ? state : { ...state, retryAfterSeconds: null };
  return { key: record.key, code, missing, quota, steps };
}

function explain(facts: Facts, request: DecisionRequest): ExplainedStep[] {
  const judgements = judgeEach(facts.record, request, facts.now, facts.quota);
  const first = judgements.findIndex(({ code }) => code !== null);
  return judgements.map(({ step, code }, index) => ({
    step,
    passes: code === null,
    code: index === first ? code : null,
    note: describeStep[step](facts),
  }));
}
