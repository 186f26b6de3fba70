import { expect, test } from 'vitest';
import { AppError } from '../../domain/shared/app-error.ts';
import { type Caller, NO_CLIENT, UNBOUNDED } from '../../domain/shared/caller.ts';
import { INVALID_BYTES_A_SECOND, INVALID_BYTES_AT_ONCE, InvalidBodies } from './invalid-bodies.ts';

const caller = (keyId: string): Caller => ({
  kind: 'key',
  workspaceId: 'ws_1',
  userId: 'usr_1',
  keyId,
  permissions: new Set(),
  bounds: UNBOUNDED,
  client: NO_CLIENT,
});
const invalid = new AppError('VALIDATION_FAILED');

test('a credential that has sent too many invalid bodies is UNAVAILABLE until enough time has passed; others are not', () => {
  let now = 0;
  const bodies = new InvalidBodies(() => now);
  const [bad, good] = [caller('key_bad'), caller('key_good')];
  bodies.count(bad, INVALID_BYTES_AT_ONCE, invalid);
  expect(() => bodies.requireCredit(bad)).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }) as Error);
  expect(() => bodies.requireCredit(good)).not.toThrow();
  now += 1_000;
  expect(() => bodies.requireCredit(bad)).not.toThrow();
  bodies.count(bad, INVALID_BYTES_A_SECOND, invalid);
  expect(() => bodies.requireCredit(bad)).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }) as Error);
});

test('bodies of calls that failed for another reason do not count', () => {
  const bodies = new InvalidBodies(() => 0);
  const key = caller('key_1');
  for (const code of ['PERMISSION_DENIED', 'NOT_FOUND', 'UNAVAILABLE', 'CONFLICT'] as const)
    bodies.count(key, 10 * INVALID_BYTES_AT_ONCE, new AppError(code));
  expect(() => bodies.requireCredit(key)).not.toThrow();
});
