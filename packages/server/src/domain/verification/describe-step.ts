import { type DecisionStep, isExpired, type Permission } from '@latchkey/contract';
import type { KeyRecord } from '../keys/key-store.ts';
import type { LimitState, QuotaState } from './limits/quota-counters.ts';

/** The facts that the steps of a decision depend on. */
export interface Facts {
  readonly record: KeyRecord;
  readonly missing: readonly Permission[];
  readonly quota: QuotaState;
  readonly now: number;
}

/** A note for people on what each step found, whether it passed or not. */
export const describeStep: Readonly<Record<DecisionStep, (facts: Facts) => string>> = {
  exists: () => 'It is a key of this workspace',
  intact: ({ record }) =>
    record.key.isIntact ? 'It is stored as it was written' : 'What is stored was altered outside Latchkey',
  revoked: ({ record: { key } }) =>
    key.revokedAt === null ? 'It is not revoked' : `It was revoked at ${iso(key.revokedAt)}`,
  rotated: ({ record: { secretRetiresAt } }) =>
    secretRetiresAt === null
      ? 'The secret was not replaced by a rotation'
      : `The secret was replaced by a rotation and retires at ${iso(secretRetiresAt)}`,
  workspace: ({ record: { status } }) => `The workspace is ${status.workspace}`,
  owner: ({ record: { key, status } }) =>
    status.owner === null
      ? `The owner ${key.owner.id} is not a member of the workspace`
      : `The owner ${key.owner.id} is ${status.owner}`,
  disabled: ({ record }) => (record.key.isActive ? 'It is switched on' : 'It is switched off'),
  expired: ({ record: { key }, now }) => {
    if (key.expiresAt === null) return 'It never expires';
    return `It ${isExpired(key, now) ? 'expired' : 'expires'} at ${iso(key.expiresAt)}`;
  },
  permission: ({ missing }) =>
    missing.length === 0 ? 'It holds all requested permissions' : `It does not hold ${missing.join(', ')}`,
  minute: ({ quota }) => describeLimit(quota.minute),
  day: ({ quota }) => describeLimit(quota.day),
};

function describeLimit(state: LimitState | null): string {
  return state === null ? 'There is no such limit' : `${state.remaining} of ${state.limit} are left`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
