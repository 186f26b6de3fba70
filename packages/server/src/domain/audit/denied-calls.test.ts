import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestService, type TestService } from '../../../test/harness/test-service.ts';
import { type Caller, NO_CLIENT, UNBOUNDED } from '../shared/caller.ts';
import { DeniedCalls } from './denied-calls.ts';

let service: TestService;
let deniedCalls: DeniedCalls;

beforeEach(async () => {
  service = await startTestService();
  deniedCalls = new DeniedCalls({ unitOfWork: service.storage, clock: service.clock });
});
afterEach(() => service.close());

function caller(workspaceId: string): Caller {
  const permissions = new Set<never>();
  return {
    kind: 'key',
    workspaceId,
    userId: 'usr_1',
    keyId: 'key_1',
    permissions,
    bounds: UNBOUNDED,
    client: NO_CLIENT,
  };
}

test('keeps at most a thousand entries in memory, for any number of workspaces', async () => {
  for (let index = 0; index < 1_500; index++) deniedCalls.record(caller(`ws_${index}`), 'GET /', 'NOT_FOUND');
  await deniedCalls.flush();
  const { audit } = service.storage;
  expect(await audit.head('ws_999')).toMatchObject({ sequence: 1 });
  expect(await audit.head('ws_1000')).toMatchObject({ sequence: 0 });
});

test('keeps entries whose write failed for the next flush', async () => {
  deniedCalls.record(caller('ws_1'), 'GET /', 'NOT_FOUND');
  await service.storage.close();
  await expect(deniedCalls.flush()).rejects.toThrow();
  await expect(deniedCalls.flush()).rejects.toThrow();
});
