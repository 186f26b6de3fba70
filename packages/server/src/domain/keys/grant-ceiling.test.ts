import { PERMISSIONS, type Permission } from '@latchkey/contract';
import { describe, expect, test } from 'vitest';
import { type Bounds, type Caller, NO_CLIENT, UNBOUNDED } from '../shared/caller.ts';
import { grantCeiling } from './grant-ceiling.ts';

const READ: Permission = 'calls:read';
const WRITE: Permission = 'calls:write';
const DELETE: Permission = 'calls:delete';

function caller(permissions: readonly Permission[], bounds: Bounds = UNBOUNDED): Caller {
  return {
    kind: 'key',
    workspaceId: 'ws',
    userId: 'usr',
    keyId: 'key',
    permissions: new Set(permissions),
    bounds,
    client: NO_CLIENT,
  };
}

const bounded: Bounds = { expiresAt: 1_000, rateLimit: { requestsPerMinute: 60, requestsPerDay: null } };

describe('permissions', () => {
  test('left out: all permissions that caller and owner both hold', () => {
    expect(grantCeiling(caller([READ, WRITE]), new Set([WRITE, DELETE]), {})).toMatchObject({
      granted: { permissions: [WRITE] },
    });
  });

  test('an empty list: none', () => {
    expect(grantCeiling(caller([READ]), new Set([READ]), { permissions: [] })).toMatchObject({
      granted: { permissions: [] },
    });
  });

  test('permissions above the ceiling: denied, with each one named, and none dropped silently', () => {
    const decision = grantCeiling(caller([READ, WRITE]), new Set([READ]), {
      permissions: [READ, WRITE, DELETE],
    });
    expect(decision).toMatchObject({
      denied: 'PERMISSION_ESCALATION',
      details: [
        { field: 'permissions', message: expect.stringContaining(WRITE) },
        { field: 'permissions', message: expect.stringContaining(DELETE) },
      ],
    });
  });

  test('duplicates are removed, and the order is that of the catalogue', () => {
    const all = new Set(PERMISSIONS);
    const decision = grantCeiling(caller(PERMISSIONS), all, {
      permissions: [DELETE, READ, DELETE, WRITE, READ],
    });
    expect(decision).toMatchObject({ granted: { permissions: [READ, WRITE, DELETE] } });
  });
});

describe('expiry and limits', () => {
  const none = new Set<Permission>();

  test('left out: those of the creating key', () => {
    expect(grantCeiling(caller([], bounded), none, {})).toMatchObject({ granted: bounded });
    expect(grantCeiling(caller([]), none, {})).toMatchObject({ granted: UNBOUNDED });
  });

  test('within those of the creating key: granted', () => {
    const request = { expiresAt: 1_000, rateLimit: { requestsPerMinute: 1, requestsPerDay: 5 } };
    expect(grantCeiling(caller([], bounded), none, request)).toMatchObject({ granted: request });
  });

  test('null means no limit, and so exceeds any bound', () => {
    for (const [request, field] of [
      [{ expiresAt: null }, 'expiresAt'],
      [{ rateLimit: null }, 'rateLimit.requestsPerMinute'],
      [{ rateLimit: { requestsPerMinute: null } }, 'rateLimit.requestsPerMinute'],
      [{ expiresAt: 1_001 }, 'expiresAt'],
      [{ rateLimit: { requestsPerMinute: 61 } }, 'rateLimit.requestsPerMinute'],
    ] as const) {
      const decision = grantCeiling(caller([], bounded), none, request);
      expect(decision).toMatchObject({ denied: 'LIMIT_ESCALATION', details: [{ field }] });
    }
  });

  test('a limit that is left out of the object is inherited, while the other one is set', () => {
    const decision = grantCeiling(caller([], bounded), none, { rateLimit: { requestsPerDay: 9 } });
    expect(decision).toMatchObject({ granted: { rateLimit: { requestsPerMinute: 60, requestsPerDay: 9 } } });
  });
});
