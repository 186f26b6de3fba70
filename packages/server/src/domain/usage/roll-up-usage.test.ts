import { afterEach, beforeEach, expect, test } from 'vitest';
import { startTestService, type TestService } from '../../../test/harness/test-service.ts';
import { BUCKET_MS } from './bucket.ts';
import { rollUpUsage } from './roll-up-usage.ts';

let service: TestService;

beforeEach(async () => {
  service = await startTestService();
});
afterEach(() => service.close());

test('old counts are moved step by step, and the abort signal stops it between two steps', async () => {
  const { apiKey } = await service.createKey();
  const { storage: unitOfWork, clock, owner } = service;
  const minute = clock.now();
  await unitOfWork.usage.add([
    { keyId: apiKey.id, minute, allowed: 3, denied: null, lastUsedAt: 0, oldSecret: null },
  ]);
  const count = (granularity: 'minute' | 'hour') =>
    unitOfWork.usage.count(owner.workspaceId, apiKey.id, granularity, minute, minute + BUCKET_MS.hour);
  clock.advance(49 * BUCKET_MS.hour);
  await rollUpUsage({ unitOfWork, clock }, AbortSignal.abort());
  expect(await count('minute')).toHaveLength(1);
  await rollUpUsage({ unitOfWork, clock }, new AbortController().signal);
  expect(await count('minute')).toEqual([]);
  expect(await count('hour')).toEqual([{ startsAt: minute, code: 'VALID', count: 3 }]);
});
