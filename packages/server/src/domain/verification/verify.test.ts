import { describe, expect, test } from 'vitest';
import type { Key } from '../keys/key.ts';
import { UNLIMITED } from '../shared/caller.ts';
import type { CredentialStatus } from '../tenancy/credential-status.ts';
import { firstRefusal, judgeEach, type Question, verify } from './verify.ts';

const NOW = 1_000;

const key: Key = {
  id: 'key_1',
  workspaceId: 'ws_1',
  owner: { id: 'usr_1', email: 'a@example.com', displayName: 'A' },
  name: 'k',
  hint: 'lk_live_…abcd',
  isActive: true,
  permissions: ['calls:read'],
  rateLimit: UNLIMITED,
  createdAt: 0,
  createdBy: { kind: 'operator', userId: 'usr_1', keyId: null },
  lastUsedAt: null,
  expiresAt: null,
  revokedAt: null,
  revokedReason: null,
  version: 1,
  isIntact: true,
};

const standing: CredentialStatus = { workspace: 'active', owner: 'active', cap: null };

const question: Question = { workspaceId: 'ws_1', permissions: [] };

function codeFor(
  changes: Partial<Key>,
  asked: Partial<Question> = {},
  context: { secretRetiresAt?: number; standing?: Partial<CredentialStatus> } = {},
): string {
  const record = {
    key: { ...key, ...changes },
    secretRetiresAt: context.secretRetiresAt ?? null,
    standing: { ...standing, ...context.standing },
  };
  return verify(record, { ...question, ...asked }, NOW).code;
}

describe('verify', () => {
  test('no record is KEY_INVALID', () => {
    expect(verify(null, question, NOW)).toEqual({
      code: 'KEY_INVALID',
      key: null,
      holds: [],
      missing: [],
    });
  });

  test('a key of another workspace, or one edited in the database, gets the same verdict as an unknown key', () => {
    expect(
      verify({ key, secretRetiresAt: null, standing }, { ...question, workspaceId: 'ws_2' }, NOW),
    ).toEqual(verify(null, question, NOW));
    expect(
      verify({ key: { ...key, isIntact: false }, secretRetiresAt: null, standing }, question, NOW),
    ).toEqual(verify(null, question, NOW));
  });

  test('a key that checks itself may be of any workspace', () => {
    expect(codeFor({ workspaceId: 'ws_2' }, { workspaceId: null })).toBe('VALID');
  });

  test('is valid while now < expiresAt, to the millisecond', () => {
    expect(codeFor({ expiresAt: NOW + 1 })).toBe('VALID');
    expect(codeFor({ expiresAt: NOW })).toBe('KEY_EXPIRED');
    expect(codeFor({ expiresAt: NOW - 1 })).toBe('KEY_EXPIRED');
  });

  test('a secret that a rotation replaced is KEY_REVOKED from the instant at which it retires', () => {
    expect(codeFor({}, {}, { secretRetiresAt: NOW + 1 })).toBe('VALID');
    expect(codeFor({}, {}, { secretRetiresAt: NOW })).toBe('KEY_REVOKED');
  });

  test('revoked comes before disabled, disabled before expired, expired before permissions', () => {
    const asked = { permissions: ['calls:write'] } as const;
    expect(codeFor({ revokedAt: 1, isActive: false, expiresAt: 1 }, asked)).toBe('KEY_REVOKED');
    expect(codeFor({ isActive: false, expiresAt: 1 }, asked)).toBe('KEY_DISABLED');
    expect(codeFor({ expiresAt: 1 }, asked)).toBe('KEY_EXPIRED');
    expect(codeFor({}, asked)).toBe('PERMISSION_DENIED');
  });

  test('workspace and owner, in this order, come after revoked and before disabled', () => {
    const off = { isActive: false, expiresAt: 1 };
    const suspended = { workspace: 'suspended', owner: null } as const;
    expect(codeFor({ ...off, revokedAt: 1 }, {}, { standing: suspended })).toBe('KEY_REVOKED');
    expect(codeFor(off, {}, { standing: { workspace: 'deleted', owner: 'suspended' } })).toBe('KEY_REVOKED');
    expect(codeFor(off, {}, { standing: suspended })).toBe('WORKSPACE_SUSPENDED');
    expect(codeFor(off, {}, { standing: { owner: null } })).toBe('KEY_REVOKED');
    expect(codeFor({ expiresAt: 1 }, {}, { standing: { owner: 'suspended' } })).toBe('KEY_DISABLED');
  });

  test('a cap reduces the frozen set and never adds to it', () => {
    const cap = new Set(['calls:read', 'calls:write'] as const);
    const record = { key, secretRetiresAt: null, standing: { ...standing, cap } };
    expect(verify(record, question, NOW)).toMatchObject({ code: 'VALID', holds: ['calls:read'] });
    const asked = { permissions: ['calls:read'] } as const;
    expect(codeFor({}, asked, { standing: { cap: new Set() } })).toBe('PERMISSION_DENIED');
  });

  test('the key must hold all requested permissions; the missing ones are returned', () => {
    const asked = { ...question, permissions: ['calls:read', 'calls:write', 'agents:read'] as const };
    expect(verify({ key, secretRetiresAt: null, standing }, asked, NOW).missing).toEqual([
      'calls:write',
      'agents:read',
    ]);
  });
});

describe('the steps of the decision', () => {
  /** A record that only the one step denies. */
  const deniedBy = (
    changes: Partial<Key>,
    context: { secretRetiresAt?: number; standing?: Partial<CredentialStatus> } = {},
  ) => ({
    key: { ...key, ...changes },
    secretRetiresAt: context.secretRetiresAt ?? null,
    standing: { ...standing, ...context.standing },
  });
  const ASKED: Question = { workspaceId: 'ws_1', permissions: ['calls:read'] };

  test.each([
    ['exists', 'KEY_INVALID', deniedBy({ workspaceId: 'ws_2' })],
    ['intact', 'KEY_INVALID', deniedBy({ isIntact: false })],
    ['revoked', 'KEY_REVOKED', deniedBy({ revokedAt: 1 })],
    ['rotated', 'KEY_REVOKED', deniedBy({}, { secretRetiresAt: NOW })],
    ['workspace', 'WORKSPACE_SUSPENDED', deniedBy({}, { standing: { workspace: 'suspended' } })],
    ['workspace', 'KEY_REVOKED', deniedBy({}, { standing: { workspace: 'deleted' } })],
    ['owner', 'KEY_REVOKED', deniedBy({}, { standing: { owner: null } })],
    ['owner', 'KEY_DISABLED', deniedBy({}, { standing: { owner: 'suspended' } })],
    ['disabled', 'KEY_DISABLED', deniedBy({ isActive: false })],
    ['expired', 'KEY_EXPIRED', deniedBy({ expiresAt: NOW })],
    ['permission', 'PERMISSION_DENIED', deniedBy({ permissions: [] })],
    ['permission', 'PERMISSION_DENIED', deniedBy({}, { standing: { cap: new Set() } })],
  ] as const)('only %s denies, with %s, and all other steps pass', (step, code, record) => {
    expect(verify(record, ASKED, NOW).code).toBe(code);
    expect(judgeEach(record, ASKED, NOW).filter((judgement) => judgement.code !== null)).toEqual([
      { step, code },
    ]);
  });

  test('the first step that denies is the verdict, in every combination', () => {
    const parts: Partial<Key>[] = [
      { isIntact: false },
      { revokedAt: 1 },
      { isActive: false },
      { expiresAt: NOW },
      { permissions: [] },
    ];
    for (let choice = 0; choice < 2 ** parts.length; choice++) {
      const record = deniedBy(Object.assign({}, ...parts.filter((_, index) => choice & (1 << index))));
      const first = judgeEach(record, ASKED, NOW).find(({ code }) => code !== null) ?? null;
      expect(firstRefusal(record, ASKED, NOW)).toEqual(first);
      expect(verify(record, ASKED, NOW).code).toBe(first?.code ?? 'VALID');
    }
  });
});
