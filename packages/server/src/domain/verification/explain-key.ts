import type { Catalogue, DecisionStep, Permission, VerdictCode } from '@latchkey/contract';
import type { Key } from '../keys/key.ts';
import type { KeyRecord, KeyStore } from '../keys/key-store.ts';
import { visibleKey } from '../keys/visible-key.ts';
import { AppError } from '../shared/app-error.ts';
import { type Caller, requirePermission } from '../shared/caller.ts';
import type { Clock } from '../shared/clock.ts';
import { describeStep } from './describe-step.ts';
import { fits, type QuotaCounters, type QuotaState } from './limits/quota-counters.ts';
import { judgeEach, missingOf, parsePermissions, type Question } from './verify.ts';

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
  const question = { workspaceId, permissions: parsePermissions(permissions, catalogue) };
  const record = await keys.findRecord(workspaceId, id);
  if (!record) throw new AppError('INTERNAL', { cause: new Error(`the key ${id} has no current secret`) });
  const now = clock.now();
  const state = await counters.peek(record.key, cost, now);
  const steps = explain(record, question, { quota: state, cost }, now);
  const code = steps.find((step) => step.code !== null)?.code ?? 'VALID';
  // A retry helps only when no other step denies the key.
  const quota = code === 'RATE_LIMITED' ? state : { ...state, retryAfterSeconds: null };
  return { key: record.key, code, missing: missingOf(record, question), quota, steps };
}

/** The state of the limits, and the cost of the call. */
interface Demand {
  readonly quota: QuotaState;
  readonly cost: number;
}

function explain(record: KeyRecord, question: Question, demand: Demand, now: number): ExplainedStep[] {
  const { quota, cost } = demand;
  const judgements = [
    ...judgeEach(record, question, now),
    ...(['minute', 'day'] as const).map((step) => ({
      step,
      code: fits(quota[step], cost) ? null : ('RATE_LIMITED' as const),
    })),
  ];
  const first = judgements.findIndex(({ code }) => code !== null);
  const facts = { record, quota, missing: missingOf(record, question), now };
  return judgements.map(({ step, code }, index) => ({
    step,
    passes: code === null,
    code: index === first ? code : null,
    note: describeStep[step](facts),
  }));
}
