import { describe, expect, test } from 'vitest';
import {
  credentialDenial,
  type DecisionRecord,
  type DecisionRequest,
  decide,
  firstDenial,
  heldPermissions,
  judgeEach,
  type LimiterAnswer,
  missingPermissions,
} from './decision.ts';
import { DECISION_STEPS } from './verdicts.ts';

const NOW = 1_000;

const request: DecisionRequest = { workspaceId: 'ws_1', permissions: ['calls:read'], cost: 1 };
const ALLOWED: LimiterAnswer = { minute: null, day: null, retryAfterSeconds: null };

interface Changes {
  readonly key?: Partial<DecisionRecord['key']>;
  readonly secretRetiresAt?: number | null;
  readonly status?: Partial<DecisionRecord['status']>;
}

/** A record that passes every step, with these changes. */
function aRecord({ key, secretRetiresAt = null, status }: Changes = {}): DecisionRecord {
  return {
    key: {
      workspaceId: 'ws_1',
      permissions: ['calls:read'],
      revokedAt: null,
      isActive: true,
      expiresAt: null,
      isIntact: true,
      ...key,
    },
    secretRetiresAt,
    status: { workspace: 'active', owner: 'active', cap: null, ...status },
  };
}

const codeOf = (changes: Changes, asked: Partial<DecisionRequest> = {}) =>
  decide(aRecord(changes), { ...request, ...asked }, NOW);

describe('decide', () => {
  test('a secret that no key has is KEY_INVALID, and so is a key of another workspace or one edited outside', () => {
    expect(decide(null, request, NOW)).toBe('KEY_INVALID');
    expect(codeOf({}, { workspaceId: 'ws_2' })).toBe('KEY_INVALID');
    expect(codeOf({ key: { isIntact: false } })).toBe('KEY_INVALID');
  });

  test('a key that checks itself may be of any workspace', () => {
    expect(codeOf({ key: { workspaceId: 'ws_2' } }, { workspaceId: null })).toBe('VALID');
  });

  test('is valid while now < expiresAt, to the millisecond', () => {
    expect(codeOf({ key: { expiresAt: NOW + 1 } })).toBe('VALID');
    expect(codeOf({ key: { expiresAt: NOW } })).toBe('KEY_EXPIRED');
    expect(codeOf({ key: { expiresAt: NOW - 1 } })).toBe('KEY_EXPIRED');
  });

  test('a secret that a rotation replaced is KEY_REVOKED from the instant at which it retires', () => {
    expect(codeOf({ secretRetiresAt: NOW + 1 })).toBe('VALID');
    expect(codeOf({ secretRetiresAt: NOW })).toBe('KEY_REVOKED');
  });

  test('revoked comes before disabled, disabled before expired, expired before permissions', () => {
    const asked = { permissions: ['calls:write'] };
    expect(codeOf({ key: { revokedAt: 1, isActive: false, expiresAt: 1 } }, asked)).toBe('KEY_REVOKED');
    expect(codeOf({ key: { isActive: false, expiresAt: 1 } }, asked)).toBe('KEY_DISABLED');
    expect(codeOf({ key: { expiresAt: 1 } }, asked)).toBe('KEY_EXPIRED');
    expect(codeOf({}, asked)).toBe('PERMISSION_DENIED');
  });

  test('workspace and owner, in this order, come after revoked and before disabled', () => {
    const key = { isActive: false, expiresAt: 1 };
    const suspended = { workspace: 'suspended', owner: null } as const;
    expect(codeOf({ key: { ...key, revokedAt: 1 }, status: suspended })).toBe('KEY_REVOKED');
    expect(codeOf({ key, status: { workspace: 'deleted', owner: 'suspended' } })).toBe('KEY_REVOKED');
    expect(codeOf({ key, status: suspended })).toBe('WORKSPACE_SUSPENDED');
    expect(codeOf({ key, status: { owner: null } })).toBe('KEY_REVOKED');
    expect(codeOf({ key: { expiresAt: 1 }, status: { owner: 'suspended' } })).toBe('KEY_DISABLED');
  });

  test('a cap reduces the frozen set and never adds to it', () => {
    const capped = aRecord({ status: { cap: new Set(['calls:read', 'calls:write']) } });
    expect(heldPermissions(capped)).toEqual(['calls:read']);
    expect(decide(capped, request, NOW)).toBe('VALID');
    expect(codeOf({ status: { cap: new Set() } })).toBe('PERMISSION_DENIED');
  });

  test('the key must hold all requested permissions; the missing ones are returned', () => {
    const asked = { ...request, permissions: ['calls:read', 'calls:write', 'agents:read'] };
    expect(missingPermissions(aRecord(), asked)).toEqual(['calls:write', 'agents:read']);
  });

  test('a status that is not known denies', () => {
    const status = { workspace: 'archived', owner: 'paused' } as unknown as DecisionRecord['status'];
    expect(codeOf({ status: { workspace: status.workspace } })).toBe('KEY_REVOKED');
    expect(codeOf({ status: { owner: status.owner } })).toBe('KEY_DISABLED');
  });

  test('a call that the limiter denies is RATE_LIMITED, but only if no earlier step denies it', () => {
    const denied = { minute: { remaining: 0 }, day: null, retryAfterSeconds: 1 };
    expect(decide(aRecord(), request, NOW, ALLOWED)).toBe('VALID');
    expect(decide(aRecord(), request, NOW, denied)).toBe('RATE_LIMITED');
    expect(decide(aRecord({ key: { expiresAt: NOW } }), request, NOW, denied)).toBe('KEY_EXPIRED');
  });
});

/** The steps that deny, each on its own. */
function denials(record: DecisionRecord, limiter: LimiterAnswer = ALLOWED) {
  return judgeEach(record, request, NOW, limiter).filter(({ code }) => code !== null);
}

describe('the steps of the decision', () => {
  test.each([
    ['exists', 'KEY_INVALID', { key: { workspaceId: 'ws_2' } }],
    ['intact', 'KEY_INVALID', { key: { isIntact: false } }],
    ['revoked', 'KEY_REVOKED', { key: { revokedAt: 1 } }],
    ['rotated', 'KEY_REVOKED', { secretRetiresAt: NOW }],
    ['workspace', 'WORKSPACE_SUSPENDED', { status: { workspace: 'suspended' } }],
    ['workspace', 'KEY_REVOKED', { status: { workspace: 'deleted' } }],
    ['owner', 'KEY_REVOKED', { status: { owner: null } }],
    ['owner', 'KEY_DISABLED', { status: { owner: 'suspended' } }],
    ['disabled', 'KEY_DISABLED', { key: { isActive: false } }],
    ['expired', 'KEY_EXPIRED', { key: { expiresAt: NOW } }],
    ['permission', 'PERMISSION_DENIED', { key: { permissions: [] } }],
    ['permission', 'PERMISSION_DENIED', { status: { cap: new Set<string>() } }],
  ] as const)('only %s denies, with %s, and all other steps pass', (step, code, changes) => {
    const record = aRecord(changes);
    expect(decide(record, request, NOW)).toBe(code);
    expect(denials(record)).toEqual([{ step, code }]);
    const isOfKeyOnly = ['exists', 'intact', 'permission'].includes(step);
    expect(credentialDenial(record, NOW)).toBe(isOfKeyOnly ? null : code);
  });

  test.each([
    ['the limiter allows it, with its last call', { minute: 0, day: 0, retryAfterSeconds: null }, []],
    ['the minute is used up', { minute: 0, day: 5, retryAfterSeconds: 1 }, ['minute']],
    ['the day is used up', { minute: 5, day: 0, retryAfterSeconds: 1 }, ['day']],
    ['both are used up', { minute: 0, day: 0, retryAfterSeconds: 1 }, ['minute', 'day']],
    ['there is no minute limit', { minute: null, day: 0, retryAfterSeconds: 1 }, ['day']],
    ['the limiter denies it although both have room', { minute: 5, day: 5, retryAfterSeconds: 1 }, ['day']],
  ] as const)('the limits that deny a call when %s', (_, { minute, day, retryAfterSeconds }, steps) => {
    const limit = (remaining: number | null) => (remaining === null ? null : { remaining });
    const limiter = { minute: limit(minute), day: limit(day), retryAfterSeconds };
    expect(denials(aRecord(), limiter)).toEqual(steps.map((step) => ({ step, code: 'RATE_LIMITED' })));
    expect(decide(aRecord(), request, NOW, limiter)).toBe(steps.length === 0 ? 'VALID' : 'RATE_LIMITED');
  });

  test('every step is judged, in the order of the list', () => {
    expect(judgeEach(aRecord(), request, NOW, ALLOWED).map(({ step }) => step)).toEqual(DECISION_STEPS);
  });

  test('the first step that denies is the verdict, in every combination', () => {
    const parts: Partial<DecisionRecord['key']>[] = [
      { isIntact: false },
      { revokedAt: 1 },
      { isActive: false },
      { expiresAt: NOW },
      { permissions: [] },
    ];
    for (let choice = 0; choice < 2 ** parts.length; choice++) {
      const key = Object.assign({}, ...parts.filter((_, index) => choice & (1 << index)));
      const record = aRecord({ key });
      const [first = null] = denials(record);
      expect(firstDenial(record, request, NOW)).toEqual(first);
      expect(decide(record, request, NOW)).toBe(first?.code ?? 'VALID');
    }
  });
});
