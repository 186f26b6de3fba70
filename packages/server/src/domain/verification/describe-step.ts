import type { DecisionStep, Permission } from '@latchkey/contract';
import { isExpired } from '../keys/key.ts';
import type { KeyRecord } from '../keys/key-store.ts';
import type { LimitState, QuotaState } from './limits/quota-counters.ts';

/** What the steps of a decision look at. */
interface Facts {
  readonly record: KeyRecord;
  readonly missing: readonly Permission[];
  readonly quota: QuotaState;
  readonly now: number;
}

/** What each step finds, for people. It describes and does not judge. */
export const describeStep: Readonly<Record<DecisionStep, (facts: Facts) => string>> = {
  exists: () => 'It is a key of this workspace',
  intact: ({ record }) =>
    record.key.isIntact ? 'It is stored as it was written' : 'What is stored was altered outside Latchkey',
  revoked: ({ record: { key } }) =>
    key.revokedAt === null ? 'It is not revoked' : `It was revoked at ${iso(key.revokedAt)}`,
  rotated: ({ record: { secretRetiresAt } }) =>
    secretRetiresAt === null
      ? 'The secret is the present one'
      : `A rotation ends the secret at ${iso(secretRetiresAt)}`,
  workspace: ({ record: { standing } }) => `The workspace is ${standing.workspace}`,
  owner: ({ record: { key, standing } }) =>
    standing.owner === null
      ? `The owner ${key.owner.id} is no member of the workspace`
      : `The owner ${key.owner.id} is ${standing.owner}`,
  disabled: ({ record }) => (record.key.isActive ? 'It is switched on' : 'It is switched off'),
  expired: ({ record: { key }, now }) => {
    if (key.expiresAt === null) return 'It never expires';
    return `It ${isExpired(key, now) ? 'expired' : 'expires'} at ${iso(key.expiresAt)}`;
  },
  permission: ({ missing }) =>
    missing.length === 0
      ? 'It holds all permissions that were asked for'
      : `It does not hold ${missing.join(', ')}`,
  minute: ({ quota }) => describeLimit(quota.minute),
  day: ({ quota }) => describeLimit(quota.day),
};

function describeLimit(state: LimitState | null): string {
  return state === null ? 'There is no such limit' : `${state.remaining} of ${state.limit} are left`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
