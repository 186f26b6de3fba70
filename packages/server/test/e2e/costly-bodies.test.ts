import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HttpClient } from '../harness/http-client.ts';
import { processorMs } from '../harness/processor-time.ts';
import {
  type FirstWorkspace,
  initDataDir,
  type ServiceProcess,
  startService,
} from '../harness/service-process.ts';
import { cannotReadSizes } from '../proof/soak/process-size.ts';

const VERIFY_MANY = '/api/v2/api-keys/verify-many';
const CHECK = '/api/v2/api-keys/check';
const HEAP_MEBIBYTES = 160;
const MEBIBYTE = 2 ** 20;

/** Repeats an item in a body until the body has the given size. */
function filled(before: string, item: string, after: string, bytes: number): string {
  const count = Math.floor((bytes - before.length - after.length) / (item.length + 1));
  return before + Array.from({ length: count }, () => item).join() + after;
}

/** Invalid bodies of `verify-many`, each of nearly 1 MiB. */
const INVALID = [
  ['checks that are empty objects', filled('{"checks":[', '{}', ']}', MEBIBYTE)],
  [
    'permissions that are empty texts',
    filled('{"checks":[{"key":"k","permissions":[', '""', ']}]}', MEBIBYTE),
  ],
  ['permissions that are numbers', filled('{"checks":[{"key":"k","permissions":[', '1', ']}]}', MEBIBYTE)],
  ['unknown fields', filled('{"checks":[', '{"a":1,"b":1,"c":1}', ']}', MEBIBYTE)],
  ['escapes', filled('{"checks":["\\n",', '1', ']}', MEBIBYTE)],
] as const;

let dataDir: string;
let owner: FirstWorkspace;
let service: ServiceProcess;
let client: HttpClient;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'latchkey-bodies-'));
  owner = await initDataDir(dataDir);
  service = await startService({ dataDir, env: { NODE_OPTIONS: `--max-old-space-size=${HEAP_MEBIBYTES}` } });
  client = new HttpClient(service.url);
});
afterEach(async () => {
  client.close();
  await service.kill();
  rmSync(dataDir, { recursive: true });
});

/** Processor time of the service for a number of concurrent calls with the same body. */
async function processorTimeOf(calls: number, path: string, rawBody: string, as?: string): Promise<number> {
  await client.call('POST', path, { rawBody: '{', as });
  const before = processorMs(service.pid);
  const answers = await Promise.all(
    Array.from({ length: calls }, () => client.call('POST', path, { rawBody, as })),
  );
  for (const { status } of answers) expect([400, 413, 503]).toContain(status);
  return processorMs(service.pid) - before;
}

describe.skipIf(cannotReadSizes() !== null)('processor time of bodies that are denied', () => {
  test.each(INVALID)('16 bodies of 1 MiB with %s take less than 60 ms each', async (_, rawBody) => {
    expect(await processorTimeOf(16, VERIFY_MANY, rawBody, owner.key)).toBeLessThan(16 * 60);
  });

  test('200 bodies of 64 KiB without a credential take less than 5 ms each', async () => {
    const rawBody = filled('["\\n",', '1', ']', 64 * 1024);
    expect(await processorTimeOf(200, '/api/v2/sessions', rawBody)).toBeLessThan(200 * 5);
  });

  test('20 names of 60 KiB of combining marks in no order take less than 20 ms each', async () => {
    const marks = '\u0300\u0316'.repeat(15_000);
    const rawBody = JSON.stringify({ name: `a${marks}`, userId: owner.userId });
    expect(await processorTimeOf(20, '/api/v2/api-keys', rawBody, owner.key)).toBeLessThan(20 * 20);
  });
});

test(`64 invalid bodies of 1 MiB at the same time do not end a service with a heap of ${HEAP_MEBIBYTES} MiB, and every check beside them is answered`, async () => {
  const other = new HttpClient(service.url);
  const bodies = Array.from({ length: 64 }, (_, index) => INVALID[index % INVALID.length]?.[1] ?? '');
  const denied = Promise.all(
    bodies.map((rawBody) => client.call('POST', VERIFY_MANY, { rawBody, as: owner.key })),
  );
  for (let count = 0; count < 100; count++)
    expect((await other.call('GET', CHECK, { as: owner.key })).status).toBe(200);
  for (const { status } of await denied) expect([400, 503]).toContain(status);
  expect((await other.call('GET', '/health/ready')).status).toBe(200);
  other.close();
});
