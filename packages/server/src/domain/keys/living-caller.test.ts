import type { Permission } from '@latchkey/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestService, type TestService } from '../../../test/harness/test-service.ts';
import { type Caller, NO_ORIGIN, UNBOUNDED } from '../shared/caller.ts';
import { createKey } from './create-key.ts';
import { rotateKey } from './rotate-key.ts';
import { updateKey } from './update-key.ts';

let service: TestService;

beforeEach(async () => {
  service = await startTestService();
});
afterEach(() => service.close());

/** A key as it was authenticated, which ends before its call gets to its transaction. */
async function overtaken(end: 'revoked' | 'disabled'): Promise<Caller> {
  const { apiKey } = await service.createKey();
  const url = `/api/v2/api-keys/${apiKey.id}`;
  if (end === 'revoked') await service.call('DELETE', url, { as: service.owner.secret });
  else await service.call('PATCH', url, { as: service.owner.secret, body: { isActive: false } });
  const permissions = new Set<Permission>(apiKey.permissions);
  const { workspaceId, userId } = service.owner;
  return {
    kind: 'key',
    workspaceId,
    userId,
    keyId: apiKey.id,
    permissions,
    bounds: UNBOUNDED,
    origin: NO_ORIGIN,
  };
}

test.each([
  ['revoked', 'KEY_REVOKED'],
  ['disabled', 'KEY_DISABLED'],
] as const)(
  'a key that was %s since it was authenticated makes, rotates and changes nothing',
  async (end, code) => {
    const { storage, keyring, clock, owner } = service;
    const needs = { unitOfWork: storage, keyring, clock };
    const { apiKey } = await service.createKey();
    const caller = await overtaken(end);
    const calls = [
      createKey(needs, caller, { name: 'k', userId: owner.userId }),
      rotateKey(needs, caller, { keyId: apiKey.id }),
      updateKey(needs, caller, apiKey.id, { name: 'x' }),
    ];
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code } });
    }
    const { body } = await service.call('GET', `/api/v2/api-keys/${apiKey.id}`, { as: owner.secret });
    expect(body.data.result.apiKey).toEqual({ ...apiKey, key: expect.stringContaining('…') });
  },
);
