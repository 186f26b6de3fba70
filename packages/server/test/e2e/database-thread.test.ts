import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HttpClient } from '../harness/http-client.ts';
import { type FirstWorkspace, initDataDir, startService } from '../harness/service-process.ts';

const PRELOAD = new URL('ending-thread.preload.mjs', import.meta.url).href;
const LISTING = '/api/v2/api-keys';

/** Ends a database thread. */
const ENDS = [
  [
    'that writes',
    'POST',
    '/api/v2/workspaces/{workspaceId}/roles',
    { name: 'Support', permissions: ['calls:read'] },
  ],
  ['that reads', 'GET', '/api/v2/workspaces/logs', undefined],
] as const;

let dataDir: string;
let owner: FirstWorkspace;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'latchkey-thread-'));
  owner = await initDataDir(dataDir);
});
afterAll(() => rmSync(dataDir, { recursive: true }));

test.each(ENDS)(
  'when the thread %s ends, every call is UNAVAILABLE, the service says so, is not ready, and can be stopped',
  async (_, method, path, body) => {
    const service = await startService({ dataDir, preload: PRELOAD });
    const client = new HttpClient(service.url);
    const as = owner.key;
    try {
      expect((await client.call('GET', LISTING, { as })).status).toBe(200);
      const url = path.replace('{workspaceId}', owner.workspaceId);
      const calls = [
        client.call(method, url, { as, body }),
        ...Array.from({ length: 20 }, () => client.call('GET', '/health/ready')),
      ];
      const [ending] = await Promise.all(calls);
      expect([ending?.status, ending?.body?.data.error.code]).toEqual([503, 'UNAVAILABLE']);
      expect(ending?.headers['retry-after']).toBeDefined();
      for (const target of ['/health/ready', LISTING])
        expect((await client.call('GET', target, { as })).status).toBe(503);
      expect((await client.call('GET', '/health/live')).status).toBe(200);
      // The line may arrive after the answers.
      await expect.poll(() => service.output).toContain('the database is gone; restart the service');
    } finally {
      client.close();
      expect(await service.stop()).not.toBeNull();
    }
  },
);
