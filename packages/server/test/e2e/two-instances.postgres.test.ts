import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateKeyText } from '../../src/domain/shared/tokens.ts';
import { type DatabaseProxy, startDatabaseProxy } from '../harness/database-proxy.ts';
import { type HttpAnswer, HttpClient } from '../harness/http-client.ts';
import { createPostgresDatabase, type PostgresDatabase } from '../harness/postgres-database.ts';
import { runCli } from '../harness/service-core.ts';
import {
  type FirstWorkspace,
  launchService,
  runInit,
  type ServiceProcess,
  startService,
} from '../harness/service-process.ts';

const KEYS = '/api/v2/api-keys';
const WORKSPACES = '/api/v2/workspaces';
const PERMISSION = 'members:read';
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
  const env = {
    DATABASE_URL: databaseUrl,
    LATCHKEY_LEASE_SECONDS: String(LEASE_MS / 1_000),
    LATCHKEY_LIMITS_WHEN_DOWN: 'deny',
  };
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

/** A new member with a new role that has these permissions. */
async function joinWithRole(permissions: readonly string[]) {
  const { workspaceId } = owner;
  const role = await call(one, 'POST', `${WORKSPACES}/${workspaceId}/roles`, { name: 'Reader', permissions });
  const roleId: string = role.body.data.result.role.id;
  const invitation = { email: 'reader@example.com', roleId, skipEmail: true };
  const invited = await call(one, 'POST', `${WORKSPACES}/invitations`, invitation);
  const { token } = invited.body.data.result.invitation;
  const accepted = await one.client.call('POST', `${WORKSPACES}/invitations/accept`, { body: { token } });
  const userId: string = accepted.body.data.result.member.userId;
  return { workspaceId, roleId, userId };
}

/** The code of the verdict; `503` if the instance cannot decide. */
async function codeOf(instance: Instance, key: string, permissions: readonly string[] = []): Promise<string> {
  const query = permissions.length === 0 ? '' : `?permissions=${permissions.join(',')}`;
  const { status, body } = await instance.client.call('GET', `${KEYS}/check${query}`, { as: key });
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
  test('both list each other from their start on, with lag and heartbeat, and count two', async () => {
    for (const instance of [one, two]) {
      const { body } = await call(instance, 'GET', '/api/v2/system/instances');
      const { instances } = body.data.result;
      expect(instances).toHaveLength(2);
      for (const { lagMs, heartbeatAt } of instances) {
        expect(lagMs).toBeLessThan(LEASE_MS);
        expect(Date.now() - Date.parse(heartbeatAt)).toBeLessThan(15_000);
      }
      const state = await call(instance, 'GET', '/api/v2/system');
      expect(state.body.data.result.system.instanceCount).toBe(2);
    }
  });

  test('one whose start fails after it has joined leaves the list', async () => {
    const service = launchService({
      dataDir: path.join(folder, 'two'),
      env: { DATABASE_URL: database.url, LATCHKEY_METRICS_PORT: new URL(one.process.url).port },
    });
    expect(await service.ended()).toBe(1);
    expect(service.output).toContain('LATCHKEY_METRICS_PORT: the metrics cannot be served');
    const { body } = await call(one, 'GET', '/api/v2/system/instances');
    expect(body.data.result.instances).toHaveLength(2);
  });

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

  test('a change with `wait` is in force on both when its answer arrives', async () => {
    const keys = await Promise.all(Array.from({ length: 10 }, () => createKey(one)));
    for (const { id, key } of keys) {
      expect(await codeOf(two, key)).toBe('VALID');
      const answer = await call(one, 'DELETE', `${KEYS}/${id}?wait=true`);
      expect(await codeOf(two, key)).toBe('KEY_REVOKED');
      const { instances } = answer.body.data.result;
      expect(instances).toHaveLength(2);
      for (const { confirmedAt } of instances) expect(Date.parse(confirmedAt)).toBeGreaterThan(0);
    }
  });

  test('changes of a role, the workspace and a member with `wait` are in force on both when the answer arrives', async () => {
    const { userId, roleId, workspaceId } = await joinWithRole([PERMISSION]);
    const apiKey = { name: 'Key', userId, permissions: [PERMISSION] };
    const created = await call(one, 'POST', KEYS, apiKey);
    const { key } = created.body.data.result;
    const change = async (method: string, path: string, body: object) => {
      const { body: answer } = await call(one, method, `${WORKSPACES}${path}?wait=true`, body);
      const { instances } = answer.data.result;
      expect(instances).toHaveLength(2);
      for (const { confirmedAt } of instances) expect(Date.parse(confirmedAt)).toBeGreaterThan(0);
    };
    const verdict = () => codeOf(two, key, [PERMISSION]);
    const [role, member] = [`/${workspaceId}/roles/${roleId}`, `/${workspaceId}/members/${userId}`];
    expect(await verdict()).toBe('VALID');
    await change('PUT', '', { permissionMode: 'capped' });
    expect(await verdict()).toBe('VALID');
    await change('PUT', role, { permissions: [] });
    expect(await verdict()).toBe('PERMISSION_DENIED');
    await change('PUT', '', { permissionMode: 'frozen' });
    expect(await verdict()).toBe('VALID');
    await change('PUT', member, { status: 'suspended' });
    expect(await verdict()).toBe('KEY_DISABLED');
    await change('PUT', member, { status: 'active' });
    expect(await verdict()).toBe('VALID');
    await change('DELETE', member, {});
    expect(await verdict()).toBe('KEY_REVOKED');
  });

  test('a deletion of a workspace with `wait` is in force on both when the answer arrives', async () => {
    const created = await call(one, 'POST', WORKSPACES, { name: 'Other' });
    const { workspace, key } = created.body.data.result;
    expect(await codeOf(two, key)).toBe('VALID');
    const target = `${WORKSPACES}/${workspace.id}?wait=true`;
    const { status, body } = await one.client.call('DELETE', target, { as: key });
    expect(await codeOf(two, key)).toBe('KEY_REVOKED');
    expect([status, body.data.result.instances.length]).toEqual([200, 2]);
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

  test('a limit per minute holds over both, and so does a limit per day', async () => {
    const body = { name: 'Limited', userId: owner.userId };
    for (const rateLimit of [{ requestsPerMinute: 60 }, { requestsPerDay: 60 }]) {
      const { body: created } = await call(one, 'POST', KEYS, { ...body, rateLimit });
      const key: string = created.data.result.key;
      let accepted = 0;
      // Some rounds, since answers of the database that are late on a busy machine deny their calls.
      for (let round = 0; round < 5; round++) {
        const calls = Array.from({ length: 60 }, (_, index) => codeOf(index % 2 === 0 ? one : two, key));
        const codes = await Promise.all(calls);
        accepted += codes.filter((code) => code === 'VALID').length;
        expect(codes.filter((code) => code !== 'VALID' && code !== 'RATE_LIMITED')).toEqual([]);
      }
      expect(accepted).toBe(60);
    }
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

  test('`pepper activate` is denied while an instance lacks the new pepper, and says which; --force goes on', async () => {
    const pepper = (...args: string[]) =>
      runCli(['pepper', ...args], {
        DATABASE_URL: database.url,
        LATCHKEY_DATA_DIR: path.join(folder, 'one'),
      });
    const { key } = await createKey(one);
    await pepper('add');
    const listed = async (): Promise<string[]> => {
      const { body } = await call(one, 'GET', '/api/v2/system/instances');
      return body.data.result.instances.map(({ id }: { id: string }) => id);
    };
    const before = await listed();
    await expect(pepper('activate')).rejects.toThrow(new RegExp(`: ${before.join(' .*, ')} .*--force`));
    expect(await one.process.stop()).toBe(0);
    one.client.close();
    one = await start('one', database.url);
    const [left] = (await listed()).filter((id) => before.includes(id));
    await expect(pepper('activate')).rejects.toThrow(
      new RegExp(`new pepper \\S+: ${left} \\([^)]+\\)\\. Copy`),
    );
    for (const instance of [one, two]) expect(await codeOf(instance, key)).toBe('VALID');
    expect(await pepper('activate', '--force')).toContain('Keys are rehashed when they are used');
    await until(two, key, '503');
    await until(one, key, 'VALID');
  });
});
