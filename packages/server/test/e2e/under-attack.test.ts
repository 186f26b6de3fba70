import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { generateKeyText } from '../../src/domain/shared/tokens.ts';
import { engineFor } from '../../src/storage/engines/registry.ts';
import { openAndWrite, sendAndHangUp, trickle } from '../harness/abandoned-requests.ts';
import { HttpClient } from '../harness/http-client.ts';
import { readAnswers, requestBytes } from '../harness/raw-http.ts';
import {
  type FirstWorkspace,
  initDataDir,
  type ServiceProcess,
  startService,
} from '../harness/service-process.ts';
import { sizeOf } from '../proof/soak/process-size.ts';

const KEYS = '/api/v2/api-keys';
const LOG_ENTRIES = 40_000;
const SEARCHES = 600;
const TRICKLING = 120;
const BURST = 1_000;
const UNFINISHED = 300;
const UNFINISHED_BYTES = 512 * 1024;

let dataDir: string;
let owner: FirstWorkspace;
let service: ServiceProcess;
let client: HttpClient;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'latchkey-attack-'));
  owner = await initDataDir(dataDir);
  await start();
});
afterEach(async () => {
  client.close();
  await service.kill();
  rmSync(dataDir, { recursive: true });
});

async function start(): Promise<void> {
  service = await startService({ dataDir });
  client = new HttpClient(service.url);
}

/** Restarts the service, so that no key is cached in memory. */
async function restart(whileStopped: () => Promise<void> = async () => {}): Promise<void> {
  client.close();
  await service.stop();
  await whileStopped();
  await start();
}

interface NewKey {
  readonly key: string;
  readonly id: string;
}

async function createKey(permissions?: readonly string[]): Promise<NewKey> {
  const body = { name: 'key', userId: owner.userId, ...(permissions && { permissions }) };
  const answer = await client.call('POST', KEYS, { as: owner.key, body });
  expect(answer.status, answer.text).toBe(201);
  const { key, apiKey } = answer.body.data.result;
  return { key, id: apiKey.id };
}

async function signInToken(): Promise<string> {
  const { body } = await client.call('POST', '/api/v2/sign-in-links', { as: owner.key });
  return body.data.result.signInLink.url.split('#token=').at(-1).split('#').at(-1);
}

function port(): number {
  return Number(new URL(service.url).port);
}

function bytesOf(line: string, as: string | null, more: Record<string, string> = {}, body = ''): Buffer {
  return requestBytes(
    `${line} HTTP/1.1`,
    [
      ['Host', 'latchkey.test'],
      ...(as === null ? [] : [['Authorization', `Bearer ${as}`] as const]),
      ...Object.entries(more),
    ],
    body,
  );
}

/** An audit log with the entries of a year. Its hashes are invalid, but a search does not check them. */
async function addLogEntries(): Promise<void> {
  const { db, close } = await engineFor('file:').open(`file:${join(dataDir, 'latchkey.db')}`);
  const entry = (sequence: number) => ({
    workspace_id: owner.workspaceId,
    sequence,
    id: `log_${sequence}`,
    event_type: 'api-key.created',
    actor_id: owner.userId,
    actor_email: 'owner@example.com',
    created_at: 1_000_000,
    details: '{}',
    hash: 'hash',
    target_id: `key_${sequence}`,
    key_names: null,
    search_text: `api-key.created\nkey_${sequence}\nowner@example.com\nreq_${sequence}`,
  });
  await db.transaction().execute(async (transaction) => {
    for (let first = 1_000; first < LOG_ENTRIES; first += 1_000) {
      const rows = Array.from({ length: 1_000 }, (_, index) => entry(first + index));
      await transaction.insertInto('audit_entries').values(rows).execute();
    }
  });
  await close();
}

test('log searches whose clients disconnect do not block keys that are not in memory, nor lists', async () => {
  const searching = await createKey(['workspace:logs-read']);
  const keys = [await createKey(), await createKey(), await createKey()];
  await restart(addLogEntries);
  const search = bytesOf('GET /api/v2/workspaces/logs?search=nothing-like-it', searching.key);
  await sendAndHangUp(port(), Array(SEARCHES).fill(search), { concurrent: 50, afterMs: 25 });
  for (const { key } of keys) {
    const { status } = await client.call('GET', `${KEYS}/check`, { as: key });
    expect(status, 'check of a key that is not in memory').toBe(200);
  }
  expect((await client.call('GET', KEYS, { as: owner.key })).status, 'a list').toBe(200);
});

test.skipIf(process.platform !== 'linux')(
  `${BURST} clients that connect while the service is busy do not have to try again`,
  async () => {
    process.kill(service.pid, 'SIGSTOP');
    const sockets = Array.from({ length: BURST }, () => connect(port(), '127.0.0.1'));
    try {
      await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    } finally {
      process.kill(service.pid, 'SIGCONT');
      for (const socket of sockets) socket.destroy();
    }
  },
);

test(`${TRICKLING} clients that send their bodies byte by byte do not block a revocation or a sign-in`, async () => {
  const weak = await createKey(['calls:read']);
  const victim = await createKey();
  const idle = await createKey();
  const token = await signInToken();
  await restart();
  const json = { 'Content-Type': 'application/json', 'Content-Length': '60' };
  const third = <T>(make: () => T): T[] => Array.from({ length: TRICKLING / 3 }, make);
  const attack = await trickle(
    port(),
    [
      ...third(() => bytesOf('POST /api/v2/sessions', null, json, ' ')),
      ...third(() => bytesOf(`POST ${KEYS}`, generateKeyText('lk', 'live'), json, ' ')),
      ...third(() => bytesOf('POST /api/v2/sign-in-links', weak.key, json, ' ')),
    ],
    500,
  );
  try {
    await delay(1_000);
    const revoked = await client.call('DELETE', `${KEYS}/${victim.id}`, { as: idle.key });
    expect(revoked.status, 'a revoke by a key that was idle').toBe(200);
    const signedIn = await client.call('POST', '/api/v2/sessions', { body: { token } });
    expect(signedIn.status, 'a sign-in').toBe(201);
  } finally {
    attack.stop();
  }
});

test(`${UNFINISHED} unfinished bodies of verify-many are held within a budget, which is free again after their clients have disconnected; the others are answered 503 with Retry-After and cut off`, async () => {
  expect((await client.call('GET', KEYS, { as: owner.key })).status).toBe(200);
  const before = sizeOf(service.pid).resident;
  const head = { 'Content-Type': 'application/json', 'Content-Length': '1000000' };
  const unfinished = bytesOf(`POST ${KEYS}/verify-many`, owner.key, head, 'x'.repeat(UNFINISHED_BYTES));
  const sockets = await Promise.all(
    Array.from({ length: UNFINISHED }, () => openAndWrite(port(), unfinished)),
  );
  const denied = sockets.map((socket) => readAnswers(socket, 1));
  let denials = 0;
  for (const answers of denied) void answers.then(({ length }) => (denials += length));
  await vi.waitFor(() => expect(denials, 'bodies over the budget').toBeGreaterThan(UNFINISHED / 2), 20_000);
  const grown = sizeOf(service.pid).resident - before;
  for (const socket of sockets) socket.destroy();
  const answers = (await Promise.all(denied)).flat();
  for (const answer of answers) {
    expect(answer.body.data.error.code).toBe('UNAVAILABLE');
    expect(answer.headers).toMatchObject({ connection: 'close', 'retry-after': expect.any(String) });
  }
  expect(grown).toBeLessThan(128 * 2 ** 20);
  // Only a free budget has room for a body of this size, which is then read and found invalid.
  const call = { as: owner.key, rawBody: 'x'.repeat(1_000_000) };
  const statusOfLargeBody = async () => (await client.call('POST', `${KEYS}/verify-many`, call)).status;
  await vi.waitFor(async () => expect(await statusOfLargeBody()).toBe(400), 10_000);
});
