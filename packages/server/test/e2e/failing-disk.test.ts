import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HttpClient } from '../harness/http-client.ts';
import {
  type FirstWorkspace,
  initDataDir,
  type ServiceProcess,
  startService,
} from '../harness/service-process.ts';

const PRELOAD = new URL('../harness/commit-faults.preload.mjs', import.meta.url).href;
const KEYS = '/api/v2/api-keys';

let dataDir: string;
let owner: FirstWorkspace;
let service: ServiceProcess;
let client: HttpClient;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'latchkey-disk-'));
  owner = await initDataDir(dataDir);
  await start();
});
afterEach(async () => {
  client.close();
  await service.kill();
  rmSync(dataDir, { recursive: true });
});

const faultsFile = () => join(dataDir, 'faults.json');

async function start(): Promise<void> {
  service = await startService({ dataDir, preload: PRELOAD, env: { COMMIT_FAULTS: faultsFile() } });
  client = new HttpClient(service.url);
}

/** See the preload module. */
function breakCommits(faults: { fault: string; table?: string; after?: number }): void {
  writeFileSync(faultsFile(), JSON.stringify(faults));
}

function mendCommits(): void {
  rmSync(faultsFile());
}

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await client.call(method, path, { as: owner.key, body, headers });
  return { status: answer.status, data: answer.body?.data, headers: answer.headers };
}

async function createKey(rateLimit: object): Promise<{ id: string; key: string }> {
  const { data } = await call('POST', KEYS, { name: 'key', userId: owner.userId, rateLimit });
  return { id: data.result.apiKey.id, key: data.result.key };
}

async function verdictsOf(keys: readonly string[]): Promise<string[]> {
  const { status, data } = await call('POST', `${KEYS}/verify-many`, {
    checks: keys.map((key) => ({ key })),
  });
  expect(status).toBe(200);
  return data.result.verdicts.map(({ code }: { code: string }) => code);
}

describe('on a full disk', () => {
  test('keys with a day limit verify, within it, and their calls are counted once there is space', async () => {
    const limited = await createKey({ requestsPerDay: 5 });
    const other = await createKey({ requestsPerDay: 1_000 });
    const unlimited = await createKey({});
    breakCommits({ fault: 'full' });
    const asked = [unlimited.key, limited.key, other.key];
    expect(await verdictsOf(asked)).toEqual(['VALID', 'VALID', 'VALID']);
    expect(await verdictsOf(Array.from({ length: 6 }, () => limited.key))).toEqual([
      ...Array.from({ length: 4 }, () => 'VALID'),
      'RATE_LIMITED',
      'RATE_LIMITED',
    ]);
    const full = await call('POST', KEYS, { name: 'key', userId: owner.userId });
    expect([full.status, full.data.error.code]).toEqual([503, 'STORAGE_FULL']);
    mendCommits();
    client.close();
    expect(await service.stop()).toBe(0);
    await start();
    expect(await verdictsOf(asked)).toEqual(['VALID', 'RATE_LIMITED', 'VALID']);
    const { data } = await call('POST', `${KEYS}/verify`, { key: other.key });
    expect(data.result.rateLimit.remainingToday).toBe(997);
  });

  test('a bulk call that runs out of disk space reports which items succeeded, which failed and why', async () => {
    const keys = [await createKey({}), await createKey({}), await createKey({}), await createKey({})];
    const ids = keys.map(({ id }) => id);
    breakCommits({ fault: 'full', table: 'api_keys', after: 2 });
    const revoked = await call('DELETE', KEYS, { ids });
    expect(revoked.status).toBe(200);
    expect(revoked.data.result.deleted).toEqual(ids.slice(0, 2));
    expect(
      revoked.data.result.errors.map(({ id, code }: { id: string; code: string }) => [id, code]),
    ).toEqual([
      [ids[2], 'STORAGE_FULL'],
      [ids[3], 'STORAGE_FULL'],
    ]);
    const none = await call('PUT', KEYS, { apiKeys: ids.slice(2).map((id) => ({ id, name: 'changed' })) });
    expect([none.status, none.data.error.code]).toEqual([503, 'STORAGE_FULL']);
    mendCommits();
    expect(await verdictsOf(keys.map(({ key }) => key))).toEqual([
      'KEY_REVOKED',
      'KEY_REVOKED',
      'VALID',
      'VALID',
    ]);
  });
});

describe('a commit whose outcome cannot be known', () => {
  test.each([['io'], ['lost']])(
    'is COMMIT_UNCONFIRMED, and the same call with the same Idempotency-Key settles it: %s',
    async (fault) => {
      const body = { name: 'key', userId: owner.userId };
      const once = { 'idempotency-key': 'only-once' };
      breakCommits({ fault, table: 'api_keys' });
      const unknown = await call('POST', KEYS, body, once);
      expect([unknown.status, unknown.data.error.code, unknown.data.error.retryable]).toEqual([
        503,
        'COMMIT_UNCONFIRMED',
        true,
      ]);
      expect(unknown.headers['retry-after']).toBeDefined();
      mendCommits();
      client.close();
      await service.kill();
      await start();
      const first = await call('POST', KEYS, body, once);
      const second = await call('POST', KEYS, body, once);
      expect([first.status, second.status]).toEqual([201, 201]);
      expect(second.data.result.apiKey.id).toBe(first.data.result.apiKey.id);
      const { data } = await call('GET', KEYS);
      expect(data.result.apiKeys.filter(({ name }: { name: string }) => name === 'key')).toHaveLength(1);
    },
  );

  test('is that of its item alone in a bulk call: of the items after it nothing was changed', async () => {
    const keys = [await createKey({}), await createKey({}), await createKey({})];
    const ids = keys.map(({ id }) => id);
    breakCommits({ fault: 'io', table: 'api_keys', after: 1 });
    const { status, data } = await call('DELETE', KEYS, { ids });
    expect(status).toBe(200);
    expect(data.result.deleted).toEqual(ids.slice(0, 1));
    expect(data.result.errors.map(({ id, code }: { id: string; code: string }) => [id, code])).toEqual([
      [ids[1], 'COMMIT_UNCONFIRMED'],
      [ids[2], 'UNAVAILABLE'],
    ]);
    mendCommits();
    expect((await verdictsOf(keys.map(({ key }) => key)))[2]).toBe('VALID');
  });
});
