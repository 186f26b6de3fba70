import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { HttpClient } from '../harness/http-client.ts';
import {
  type FirstWorkspace,
  initDataDir,
  type ServiceProcess,
  startService,
} from '../harness/service-process.ts';

const KEYS = '/api/v2/api-keys';

let dataDir: string;
let owner: FirstWorkspace;

/** The checks of the key in one run of the service. */
interface Run {
  readonly service: ServiceProcess;
  check(secret: string, times: number): Promise<void>;
  allowed(keyId: string): Promise<number>;
  create(): Promise<{ apiKey: { id: string }; key: string }>;
}

async function start(): Promise<Run> {
  const service = await startService({ dataDir });
  const client = new HttpClient(service.url);
  onTestFinished(async () => {
    client.close();
    await service.kill();
  });
  const ask = async (method: string, path: string, as = owner.key, body?: unknown) => {
    const answer = await client.call(method, KEYS + path, { as, body });
    expect(answer.status, answer.text).toBeLessThan(300);
    return answer.body.data.result;
  };
  return {
    service,
    async check(secret, times) {
      for (let call = 0; call < times; call++) await ask('GET', '/check', secret);
    },
    async allowed(keyId) {
      const { usage } = await ask('GET', `/${keyId}/usage`);
      return usage.reduce((sum: number, point: { allowed: number }) => sum + point.allowed, 0);
    },
    create: () => ask('POST', '', owner.key, { name: 'counted', userId: owner.userId, permissions: [] }),
  };
}

test('written usage survives a kill, and an orderly stop loses no usage', async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'latchkey-usage-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  owner = await initDataDir(dataDir);
  const first = await start();
  const { apiKey, key } = await first.create();
  await first.check(key, 5);
  await vi.waitUntil(async () => (await first.allowed(apiKey.id)) === 5, { timeout: 15_000, interval: 200 });
  await first.check(key, 3);
  await first.service.kill();

  const second = await start();
  const known = await second.allowed(apiKey.id);
  expect([5, 6, 7, 8]).toContain(known);
  await second.check(key, 4);
  expect(await second.service.stop()).toBe(0);

  const third = await start();
  expect(await third.allowed(apiKey.id)).toBe(known + 4);
});
