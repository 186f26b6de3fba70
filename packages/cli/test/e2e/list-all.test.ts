import { Latchkey } from '@latchkey/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LiveService, startLiveService } from '../harness/live-service.ts';

const KEYS = 230;

let service: LiveService;

beforeAll(async () => {
  service = await startLiveService();
});
afterAll(() => service.close());

test('revoking each key that listAll gives revokes all of them', async () => {
  const { keys } = new Latchkey({ ...service, timeoutMs: 60_000 });
  for (let index = 0; index < KEYS; index++)
    await keys.create({ name: `stale ${index}`, userId: service.userId, permissions: [] });
  let revoked = 0;
  for await (const { id } of keys.listAll({ search: 'stale', status: 'active' })) {
    await keys.revoke(id);
    revoked++;
  }
  expect(revoked).toBe(KEYS);
  expect((await keys.list({ search: 'stale' })).pagination.total).toBe(0);
});
