import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { loadDriver } from '../../src/storage/engines/sqlite/connection.mjs';
import { HttpClient } from '../harness/http-client.ts';
import {
  type FirstWorkspace,
  initDataDir,
  type ServiceProcess,
  startService,
} from '../harness/service-process.ts';

const PRELOAD = new URL('failing-database.preload.mjs', import.meta.url).href;
const READY = '/health/ready';
const READY_FOR_CHANGES = '/health/ready?for=changes';

let dataDir: string;
let owner: FirstWorkspace;
let service: ServiceProcess;
let client: HttpClient;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'latchkey-ready-'));
  owner = await initDataDir(dataDir);
});
afterEach(async () => {
  client.close();
  await service.kill();
  rmSync(dataDir, { recursive: true });
});

async function start(env: Record<string, string> = {}): Promise<void> {
  service = await startService({ dataDir, preload: PRELOAD, env: { FAILURES_DIR: dataDir, ...env } });
  client = new HttpClient(service.url);
}

async function statusOf(path: string): Promise<number> {
  return (await client.call('GET', path)).status;
}

function createKey() {
  const body = { name: 'key', userId: owner.userId };
  return client.call('POST', '/api/v2/api-keys', { as: owner.key, body });
}

/** Overwrites every database page with secrets of keys, which look-ups read. */
async function corruptSecrets(): Promise<void> {
  const { DatabaseSync } = await loadDriver();
  const path = join(dataDir, 'latchkey.db');
  const database = new DatabaseSync(path);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const { page_size: size } = database.prepare('PRAGMA page_size').get() as { page_size: number };
  const roots = database
    .prepare("select rootpage from sqlite_schema where tbl_name = 'api_key_secrets'")
    .all() as { rootpage: number }[];
  database.close();
  const file = openSync(path, 'r+');
  for (const { rootpage } of roots) writeSync(file, Buffer.alloc(size, 0xff), 0, size, (rootpage - 1) * size);
  closeSync(file);
}

test('while keys cannot be looked up, the service is not ready within a second, says why in its log, and is ready again afterwards', async () => {
  await start();
  expect(await statusOf(READY)).toBe(200);
  const block = join(dataDir, 'block-lookups');
  writeFileSync(block, '');
  const asked = performance.now();
  expect(await statusOf(READY)).toBe(503);
  // A second, plus a margin for a busy machine.
  expect(performance.now() - asked).toBeLessThan(5_000);
  await vi.waitFor(() => expect(service.output).toContain('not ready'), 10_000);
  rmSync(block);
  await vi.waitFor(async () => expect(await statusOf(READY)).toBe(200), 10_000);
});

test('while keys cannot be looked up, only those of a verify-many call that are not in memory are UNAVAILABLE', async () => {
  await start();
  const { key } = (await createKey()).body.data.result;
  writeFileSync(join(dataDir, 'block-lookups'), '');
  const checks = [{ key: owner.key }, { key }, { key: owner.key }];
  const call = { as: owner.key, body: { checks } };
  const { status, body } = await client.call('POST', '/api/v2/api-keys/verify-many', call);
  expect(status).toBe(200);
  const codes = body.data.result.verdicts.map(({ code }: { code: string }) => code);
  expect(codes).toEqual(['VALID', 'UNAVAILABLE', 'VALID']);
});

test('over a corrupt database the service is not ready, verifications are UNAVAILABLE, and the log says why', async () => {
  await corruptSecrets();
  await start();
  expect(await statusOf(READY)).toBe(503);
  const check = await client.call('GET', '/api/v2/api-keys/check', { as: owner.key });
  expect([check.status, check.body.data.error.code]).toEqual([503, 'UNAVAILABLE']);
  await vi.waitFor(() => expect(service.output).toContain('malformed'), 10_000);
});

test('while commits fail, the service is ready to verify, is not ready for changes, and is again once they succeed', async () => {
  await start();
  expect((await createKey()).status).toBe(201);
  expect(await statusOf(READY_FOR_CHANGES)).toBe(200);
  const failing = join(dataDir, 'fail-commits');
  writeFileSync(failing, '');
  expect((await createKey()).status).toBe(503);
  expect(await statusOf(READY_FOR_CHANGES)).toBe(503);
  expect(await statusOf(READY)).toBe(200);
  await vi.waitFor(() => expect(service.output).toContain('disk I/O error'), 10_000);
  rmSync(failing);
  await vi.waitFor(async () => expect(await statusOf(READY_FOR_CHANGES)).toBe(200), 10_000);
});

test('a stop with a delay is not ready at once, and goes on answering on new connections until the delay has passed', async () => {
  await start({ LATCHKEY_STOP_DELAY_SECONDS: '2' });
  const stopping = performance.now();
  const ended = service.stop();
  await vi.waitFor(async () => expect(await statusOf(READY)).toBe(503), 1_500);
  const another = new HttpClient(service.url);
  const check = await another.call('GET', '/api/v2/api-keys/check', { as: owner.key });
  another.close();
  expect([check.status, check.headers.connection]).toEqual([200, 'keep-alive']);
  expect(await ended).toBe(0);
  expect(performance.now() - stopping).toBeGreaterThan(2_000);
});
