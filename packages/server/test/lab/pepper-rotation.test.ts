import { copyFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HttpClient } from '../harness/http-client.ts';
import { createPostgresDatabase, type PostgresDatabase } from '../harness/postgres-database.ts';
import { runCli } from '../harness/service-core.ts';
import {
  type FirstWorkspace,
  runInit,
  type ServiceProcess,
  startService,
} from '../harness/service-process.ts';

const KEYS = '/api/v2/api-keys';
const NAMES = ['one', 'two'];

let database: PostgresDatabase;
let folder: string;
let owner: FirstWorkspace;
/** The running instances, by name. */
const instances = new Map<string, { process: ServiceProcess; client: HttpClient }>();

beforeAll(async () => {
  database = await createPostgresDatabase(null);
  folder = mkdtempSync(path.join(tmpdir(), 'latchkey-pepper-'));
  owner = await runInit(path.join(folder, 'one'), { DATABASE_URL: database.url });
  cpSync(path.join(folder, 'one'), path.join(folder, 'two'), { recursive: true });
  await Promise.all(NAMES.map(start));
});
afterAll(async () => {
  await Promise.all(NAMES.map(stop));
  await database.drop();
  rmSync(folder, { recursive: true });
});

async function start(name: string): Promise<void> {
  const env = { DATABASE_URL: database.url };
  const process = await startService({ dataDir: path.join(folder, name), env });
  instances.set(name, { process, client: new HttpClient(process.url) });
}

async function stop(name: string): Promise<void> {
  const instance = instances.get(name);
  instances.delete(name);
  // Pending calls are answered first.
  await instance?.process.stop();
  instance?.client.close();
}

/** The pepper file of the first instance on the second, and every instance started again. */
async function restartWithPepper(): Promise<void> {
  copyFileSync(path.join(folder, 'one', 'pepper'), path.join(folder, 'two', 'pepper'));
  for (const name of NAMES) {
    await stop(name);
    await start(name);
  }
}

async function call(name: string, method: string, target: string, as: string, body?: unknown) {
  const answer = await instances.get(name)?.client.call(method, target, { as, body });
  return { status: answer?.status, result: answer?.body?.data?.result, text: answer?.text };
}

async function createKey(as: string, fields: object = {}): Promise<{ id: string; key: string }> {
  const { result, text } = await call('one', 'POST', KEYS, as, {
    name: 'Key',
    userId: owner.userId,
    ...fields,
  });
  expect(result, text).toBeDefined();
  return { id: result.apiKey.id, key: result.key };
}

const pepper = (...args: string[]) =>
  runCli(['pepper', ...args], { DATABASE_URL: database.url, LATCHKEY_DATA_DIR: path.join(folder, 'one') });

async function left(): Promise<Record<'keys' | 'rows' | 'tokens', number>> {
  const { keys, rows, tokens } = JSON.parse(await pepper('status', '--json'));
  return { keys, rows, tokens };
}

async function until(is: (state: Awaited<ReturnType<typeof left>>) => boolean): Promise<void> {
  const ends = Date.now() + 45_000;
  for (let state = await left(); !is(state); state = await left()) {
    expect(Date.now(), JSON.stringify(state)).toBeLessThan(ends);
    await pause(300);
  }
}

test('a pepper is replaced while every key in use verifies on both instances; a key that was not used needs the older one', async () => {
  const used = await Promise.all(Array.from({ length: 8 }, () => createKey(owner.key)));
  const unused = await createKey(owner.key);
  const parent = await createKey(owner.key, {
    permissions: ['api-keys:write', 'api-keys:read', 'calls:read'],
  });
  const child = await createKey(parent.key, { permissions: ['calls:read'] });
  const texts = [...used, parent, child].map(({ key }) => key);

  const wrong: string[] = [];
  let checks = 0;
  const ended = new AbortController();
  const checking = (async () => {
    while (!ended.signal.aborted) {
      const running = [...instances.keys()];
      const asked = running.flatMap((name) => texts.map((key) => call(name, 'GET', `${KEYS}/check`, key)));
      for (const { status, text } of await Promise.all(asked)) {
        checks++;
        // Undefined: the instance stops.
        if (status !== 200 && status !== undefined) wrong.push(`${status} ${text}`);
      }
      await pause(20);
    }
  })().catch((error: unknown) => wrong.push(String(error)));

  await pepper('add');
  await expect(pepper('remove')).rejects.toThrow('latchkey pepper activate');
  await expect(pepper('activate')).rejects.toThrow('these instances were started without the new pepper');
  await restartWithPepper();
  expect(await pepper('activate')).toContain('Keys are rehashed when they are used');
  // The owner's key and the one that was not used.
  await until(({ keys, rows }) => keys === 2 && rows === 0);
  await expect(pepper('remove')).rejects.toThrow('2 keys that were not used since');
  expect(
    await runCli(['doctor'], { DATABASE_URL: database.url, LATCHKEY_DATA_DIR: path.join(folder, 'one') }),
  ).toContain('the older ones are needed by 2 keys');
  for (const key of [unused.key, owner.key])
    expect((await call('two', 'GET', `${KEYS}/check`, key)).status).toBe(200);
  await until(({ keys }) => keys === 0);
  await pepper('remove');
  await restartWithPepper();
  ended.abort();
  await checking;
  expect(wrong).toEqual([]);
  expect(checks).toBeGreaterThan(texts.length * 10);

  for (const key of [...texts, unused.key])
    expect((await call('two', 'GET', `${KEYS}/check`, key)).status).toBe(200);
  // The descent of the child from the secret of its parent is kept.
  const revoked = await call('one', 'DELETE', `${KEYS}/${parent.id}`, owner.key, { reason: 'COMPROMISED' });
  expect(revoked.status, revoked.text).toBe(200);
  expect((await call('one', 'GET', `${KEYS}/check`, child.key)).status).toBe(401);
});
