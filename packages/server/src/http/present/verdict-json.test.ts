import { VERDICT_CODES } from '@latchkey/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Key } from '../../domain/keys/key.ts';
import type { Verdict } from '../../domain/verification/verifier.ts';
import { presentVerdict, verdictJson } from './verdict.ts';

const NOW = 1_800_000_000_000;

const instants = fc.option(fc.integer({ min: 0, max: 2 * NOW }));
const limits = fc.option(fc.integer({ min: 1, max: 1_000_000 }));
const names = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('"lastUsedAt":null', '\\"lastUsedAt":null', '…', '\u2028'),
);

const keys: fc.Arbitrary<Key> = fc.record({
  id: fc.constant('key_1'),
  workspaceId: fc.constant('ws_1'),
  owner: fc.record({ id: fc.constant('usr_1'), email: names, displayName: names }),
  name: names,
  hint: fc.constant('lk_live_…abcd'),
  use: fc.constantFrom('api' as const, 'verify' as const),
  isActive: fc.boolean(),
  permissions: fc.subarray(['calls:read', 'calls:write']),
  rateLimit: fc.record({ requestsPerMinute: limits, requestsPerDay: limits }),
  createdAt: fc.integer({ min: 0, max: NOW }),
  createdBy: fc.constant({ kind: 'key' as const, userId: 'usr_1', keyId: null }),
  lastUsedAt: instants,
  expiresAt: instants,
  revokedAt: instants,
  revokedReason: fc.option(names),
  version: fc.constant(1),
  isIntact: fc.constant(true),
});

const state = fc.record({ limit: fc.nat(), remaining: fc.nat(), resetSeconds: fc.nat() });
const verdicts: fc.Arbitrary<Verdict> = fc
  .record({
    code: fc.constantFrom(...VERDICT_CODES),
    key: fc.option(keys),
    holds: fc.subarray(['calls:read', 'calls:write']),
    missing: fc.subarray(['calls:read', 'calls:write']),
    quota: fc.record({
      minute: fc.option(state),
      day: fc.option(state),
      retryAfterSeconds: fc.option(fc.nat()),
    }),
    cost: fc.nat(),
  })
  .filter(isPossible);

/** A valid key is not expired, revoked or disabled. */
function isPossible({ code, key }: Verdict): boolean {
  if (code !== 'VALID' || !key) return true;
  return key.isActive && key.revokedAt === null && (key.expiresAt === null || key.expiresAt > NOW);
}

describe('a verdict as JSON', () => {
  test('is equal to the verdict as an object', () => {
    fc.assert(
      fc.property(verdicts, (verdict) => {
        const text = verdictJson(verdict, NOW);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(presentVerdict(verdict, NOW))));
        expect(Buffer.byteLength(text)).toBe(text.length);
      }),
      { numRuns: 2_000 },
    );
  });

  test('has the current last use, even for a cached key', () => {
    fc.assert(
      fc.property(keys, fc.array(instants, { minLength: 2, maxLength: 4 }), (any, uses) => {
        const key = { ...any, isActive: true, revokedAt: null, expiresAt: null, lastUsedAt: any.lastUsedAt };
        const quota = { minute: null, day: null, retryAfterSeconds: null };
        for (const lastUsedAt of uses) {
          key.lastUsedAt = lastUsedAt;
          const { apiKey } = JSON.parse(
            verdictJson({ code: 'VALID', key, holds: [], missing: [], quota, cost: 1 }, NOW),
          );
          expect(apiKey.lastUsedAt).toBe(lastUsedAt === null ? null : new Date(lastUsedAt).toISOString());
        }
      }),
    );
  });
});
