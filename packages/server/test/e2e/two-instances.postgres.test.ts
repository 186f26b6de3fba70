import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateKeyText } from '../../src/domain/shared/tokens.ts';
import { type DatabaseProxy, startDatabaseProxy } from '../harness/database-proxy.ts';
import { type HttpAnswer, HttpClient } from '../harness/http-client.ts';
import { createPostgresDatabase, type PostgresDatabase } from '../harness/postgres-database.ts';
import {
  type FirstWorkspace,
  runInit,
  type ServiceProcess,
  startService,
} from '../harness/service-process.ts';

const KEYS = '/api/v2/api-keys';
const LEASE_MS = 2_000;

/** One service process, and how to call it. */
interface Instance {
  readonly process: ServiceProcess;
  readonly client: HttpClient;
}

let database: PostgresDatabase;
/** Between the second instance and the database. */
let proxy: DatabaseProxy;
let folder: string;
let owner: FirstWorkspace;
let one: Instance;
let two: Instance;

beforeAll(async () => {
  database = await createPostgresDatabase(null);
  proxy = await startDatabaseProxy(database.url);
  folder = mkdtempSync(path.join(tmpdir(), 'latchkey-two-'));
  owner = await runInit(path.join(folder, 'one'), { DATABASE_URL: database.url });
  cpSync(path.join(folder, 'one'), path.join(folder, 'two'), { recursive: true });
  [one, two] = await Promise.all([start('one', database.url), start('two', proxy.url)]);
});
afterAll(async () => {
  for (const { client, process } of [one, two]) {
    client.close();
    await process.kill();
  }
  await proxy.close();
  await database.drop();
  rmSync(folder, { recursive: true });
});

async function start(name: string, databaseUrl: string): Promise<Instance> {
  const env = { DATABASE_URL: databaseUrl, LATCHKEY_LEASE_SECONDS: String(LEASE_MS / 1_000) };
  const process = await startService({ dataDir: path.join(folder, name), env });
  return { process, client: new HttpClient(process.url) };
}

function call({ client }: Instance, method: string, target: string, body?: unknown): Promise<HttpAnswer> {
  return client.call(method, target, { as: owner.key, body });
}

async function createKey(instance: Instance): Promise<{ id: string; key: string }> {
  const answer = await call(instance, 'POST', KEYS, { name: 'Key', userId: owner.userId });
  expect(answer.status, answer.text).toBe(201);
  return { id: answer.body.data.result.apiKey.id, key: answer.body.data.result.key };
}

/** The code of the verdict; `503` if the instance cannot decide. */
async function codeOf(instance: Instance, key: string): Promise<string> {
  const { status, body } = await instance.client.call('GET', `${KEYS}/check`, { as: key });
  return status === 200 ? 'VALID' : status === 503 ? '503' : body.data.error.code;
}

async function revoke(instance: Instance, id: string): Promise<number> {
  const answer = await call(instance, 'DELETE', `${KEYS}/${id}`);
  expect(answer.status, answer.text).toBe(200);
  return Date.parse(answer.body.data.result.effectiveBy);
}

/** Resolves when the instance answers with the code; fails after twice the lease. */
async function until(instance: Instance, key: string, code: string): Promise<void> {
  const ends = Date.now() + 2 * LEASE_MS;
  while ((await codeOf(instance, key)) !== code) {
    expect(Date.now()).toBeLessThan(ends);
    await pause(20);
  }
}

describe('two instances over one database', () => {
  test('a key that one has made is accepted by the other at once, also while invented keys are sent', async () => {
    const flood = new AbortController();
    const flooding = (async () => {
      while (!flood.signal.aborted)
        await Promise.all(Array.from({ length: 20 }, () => codeOf(two, generateKeyText('lk', 'live'))));
    })();
    const denied: string[] = [];
    for (let round = 0; round < 60; round++) {
      const { key } = await createKey(one);
      const code = await codeOf(two, key);
      if (code !== 'VALID') denied.push(code);
    }
    flood.abort();
    await flooding;
    expect(denied).toEqual([]);
    expect(await codeOf(two, generateKeyText('lk', 'live'))).toBe('KEY_INVALID');
  });

  test('a key that one has revoked is denied by the other before `effectiveBy`, which is within the lease', async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, () => createKey(one)));
    for (const { key } of keys) expect(await codeOf(two, key)).toBe('VALID');
    let acceptedLate = 0;
    for (const { id, key } of keys) {
      const effectiveBy = await revoke(one, id);
      expect(effectiveBy).toBeLessThanOrEqual(Date.now() + LEASE_MS);
      for (let code = 'VALID'; code === 'VALID'; ) {
        const askedAt = Date.now();
        code = await codeOf(two, key);
        if (code === 'VALID' && askedAt >= effectiveBy) acceptedLate++;
        else await pause(2);
      }
    }
    expect(acceptedLate).toBe(0);
  });

  test('disabling, enabling and rotating a key reach the other', async () => {
    const { id, key } = await createKey(one);
    expect(await codeOf(two, key)).toBe('VALID');
    const change = (fields: object) => call(one, 'PATCH', `${KEYS}/${id}`, fields);
    await change({ isActive: false });
    await until(two, key, 'KEY_DISABLED');
    await change({ isActive: true });
    await until(two, key, 'VALID');
    const rotated = await call(one, 'POST', `${KEYS}/${id}/rotate`, { overlapSeconds: 0 });
    expect(await codeOf(two, rotated.body.data.result.key)).toBe('VALID');
    await until(two, key, 'KEY_REVOKED');
  });

  test('an instance that was stopped by SIGSTOP accepts nothing that was revoked meanwhile', async () => {
    const keys = await Promise.all(Array.from({ length: 10 }, () => createKey(one)));
    for (const { key } of keys) expect(await codeOf(two, key)).toBe('VALID');
    process.kill(two.process.pid, 'SIGSTOP');
    const ends = await Promise.all(keys.map(({ id }) => revoke(one, id)));
    const asked = keys.map(({ key }) => codeOf(two, key));
    await pause(Math.max(...ends) - Date.now());
    process.kill(two.process.pid, 'SIGCONT');
    expect(await Promise.all(asked)).toEqual(keys.map(() => 'KEY_REVOKED'));
  });

  test('an instance without its database verifies from memory within the lease, then denies all, then recovers', async () => {
    const kept = await createKey(one);
    const revoked = await createKey(one);
    // Twice: a look-up beside a poll with changes is not kept in memory.
    for (const { key } of [kept, revoked, kept, revoked]) expect(await codeOf(two, key)).toBe('VALID');
    proxy.cut();
    expect(await codeOf(two, kept.key)).toBe('VALID');
    const effectiveBy = await revoke(one, revoked.id);
    await until(two, kept.key, '503');
    await pause(effectiveBy - Date.now());
    expect(await codeOf(two, revoked.key)).toBe('503');
    proxy.restore();
    await until(two, kept.key, 'VALID');
    expect(await codeOf(two, revoked.key)).toBe('KEY_REVOKED');
  });
});
