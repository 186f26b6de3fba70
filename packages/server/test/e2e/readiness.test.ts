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

async function start(): Promise<void> {
  service = await startService({ dataDir, preload: PRELOAD, env: { FAILURES_DIR: dataDir } });
  client = new HttpClient(service.url);
}

async function statusOf(path: string): Promise<number> {
  return (await client.call('GET', path)).status;
}

function createKey(): Promise<{ status: number }> {
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
