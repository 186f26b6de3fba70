import { Latchkey } from '@latchkey/sdk';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LiveService, startLiveService } from '../harness/live-service.ts';

/** More than a page of `listAll`. */
const KEYS = 110;
/** Calls at the same time. */
const AT_ONCE = 10;

let service: LiveService;

beforeAll(async () => {
  service = await startLiveService();
});
afterAll(() => service.close());

test('revoking each key that listAll gives revokes all of them', { timeout: 180_000 }, async () => {
  const { keys } = new Latchkey({ ...service, timeoutMs: 60_000 });
  for (let made = 0; made < KEYS; made += AT_ONCE) {
    const names = Array.from({ length: AT_ONCE }, (_, index) => `stale ${made + index}`);
    const userId = service.userId;
    await Promise.all(names.map((name) => keys.create({ name, userId, permissions: [] })));
  }
  let revoked = 0;
  for await (const { id } of keys.listAll({ search: 'stale', status: 'active' })) {
    await keys.revoke(id);
    revoked++;
  }
  expect(revoked).toBe(KEYS);
  expect((await keys.list({ search: 'stale' })).pagination.total).toBe(0);
});
