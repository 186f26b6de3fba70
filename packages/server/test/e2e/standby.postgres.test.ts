import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DatabaseProxy, startDatabaseProxy } from '../harness/database-proxy.ts';
import { type HttpAnswer, HttpClient } from '../harness/http-client.ts';
import { createPostgresDatabase, type PostgresDatabase } from '../harness/postgres-database.ts';
import { runCli } from '../harness/service-core.ts';
import {
  type FirstWorkspace,
  runInit,
  type ServiceProcess,
  startService,
} from '../harness/service-process.ts';

const KEYS = '/api/v2/api-keys';
const READER = 'latchkey_reader';

let primary: PostgresDatabase;
let standbyUrl: string;
/** A copy of the primary that no longer follows it, so that an answer shows where it comes from. */
let copy: PostgresDatabase;
/** Between the service and the copy. */
let proxy: DatabaseProxy;
let folder: string;
let owner: FirstWorkspace;
let service: ServiceProcess;
let client: HttpClient;

beforeAll(async () => {
  primary = await createPostgresDatabase(null);
  folder = mkdtempSync(path.join(tmpdir(), 'latchkey-standby-'));
  owner = await runInit(folder, { DATABASE_URL: primary.url });
  copy = await createPostgresDatabase(new URL(primary.url).pathname.slice(1));
  // Fails a statement that changes something.
  await inCopy(`create role ${READER} login password 'reader';
    grant select on all tables in schema public to ${READER}`);
  proxy = await startDatabaseProxy(copy.url);
  const standby = new URL(proxy.url);
  standby.username = READER;
  standby.password = 'reader';
  standbyUrl = standby.href;
  const env = { DATABASE_URL: primary.url, DATABASE_READ_URL: standbyUrl, LATCHKEY_LOG_LEVEL: 'info' };
  service = await startService({ dataDir: folder, env });
  client = new HttpClient(service.url);
});
afterAll(async () => {
  client?.close();
  await service?.kill();
  await proxy?.close();
  await inCopy(`drop owned by ${READER}; drop role ${READER}`);
  await Promise.all([primary?.drop(), copy?.drop()]);
  rmSync(folder, { recursive: true });
});

async function inCopy(statement: string): Promise<void> {
  const administrator = new pg.Client({ connectionString: copy.url });
  await administrator.connect();
  try {
    await administrator.query(statement);
  } finally {
    await administrator.end();
  }
}

const call = (method: string, target: string, body?: unknown): Promise<HttpAnswer> =>
  client.call(method, target, { as: owner.key, body });

async function createKey(): Promise<{ id: string; key: string }> {
  const answer = await call('POST', KEYS, { name: 'Key', userId: owner.userId });
  expect(answer.status, answer.text).toBe(201);
  return { id: answer.body.data.result.apiKey.id, key: answer.body.data.result.key };
}

async function check(key: string): Promise<number> {
  return (await client.call('GET', `${KEYS}/check`, { as: key })).status;
}

async function listedKeys(): Promise<string[]> {
  const { status, body } = await call('GET', `${KEYS}?limit=100`);
  expect(status).toBe(200);
  return body.data.result.apiKeys.map(({ id }: { id: string }) => id);
}

const linesWith = (text: string) => service.output.split('\n').filter((line) => line.includes(text)).length;

/** Resolves when lists are those of the copy, which the service uses once it has answered. */
const untilCopyIsUsed = (id: string) => expect.poll(listedKeys, { timeout: 15_000 }).not.toContain(id);

test('lists and exports come from the standby; every other read, verification and change from the primary', async () => {
  const { id, key } = await createKey();
  await untilCopyIsUsed(id);
  const workspace = `/api/v2/workspaces/${owner.workspaceId}`;
  const logs = await call('GET', '/api/v2/workspaces/logs?eventType=api-key.created');
  const exported = await call('GET', '/api/v2/workspaces/logs/export');
  for (const { status, text } of [logs, exported]) {
    expect(status).toBe(200);
    expect(text).not.toContain(id);
  }
  await inCopy("update users set display_name = 'Copied'");
  expect((await call('GET', `${workspace}/members`)).text).toContain('Copied');
  expect((await call('GET', `${KEYS}/${id}`)).status).toBe(200);
  expect((await call('GET', `${KEYS}/${id}/usage`)).status).toBe(200);
  expect(await check(key)).toBe(200);
  expect((await call('PATCH', `${KEYS}/${id}`, { name: 'Renamed' })).status).toBe(200);
  expect((await call('DELETE', `${KEYS}/${id}`)).status).toBe(200);
  expect(await check(key)).toBe(401);
});

test('no credential is looked up in the standby', async () => {
  await inCopy(
    'delete from sessions; update api_keys set revoked_at = 1; update workspaces set deleted_at = 1',
  );
  const { key } = await createKey();
  for (const each of [owner.key, key]) expect(await check(each)).toBe(200);
  expect(await call('POST', `${KEYS}/verify`, { key })).toMatchObject({
    status: 200,
    body: { data: { result: { valid: true } } },
  });
});

test('while the standby is gone the primary answers, which is logged once; then the standby is used again', async () => {
  const { id } = await createKey();
  await untilCopyIsUsed(id);
  proxy.cut();
  for (let round = 0; round < 5; round++) expect(await listedKeys()).toContain(id);
  expect(linesWith('the standby cannot be read')).toBe(1);
  expect(await listedKeys()).toContain(id);
  proxy.restore();
  await untilCopyIsUsed(id);
  expect(linesWith('the standby cannot be read')).toBe(1);
  expect(linesWith('the standby answers lists again')).toBe(1);
});

describe('doctor', () => {
  const doctor = (url: string, ...args: string[]) =>
    runCli(['doctor', ...args], {
      DATABASE_URL: primary.url,
      DATABASE_READ_URL: url,
      LATCHKEY_DATA_DIR: folder,
    });

  /** What it reports about the standby at a URL. */
  async function report(url: string): Promise<{ message: string }> {
    const { findings } = JSON.parse(await doctor(url, '--json'));
    return findings.find(({ check }: { check: string }) => check === 'standby');
  }

  const warning = (text: string) => ({
    check: 'standby',
    status: 'warning',
    message: expect.stringContaining(text),
  });

  test('says of a copy that does not follow the primary that lists lack later changes', async () => {
    const found = await report(standbyUrl);
    expect(found).toEqual(warning('lists and exports lack all later changes'));
    expect(await doctor(standbyUrl)).toContain(`! standby: ${found.message}`);
  });

  test('says of the primary itself that it is not a standby', async () => {
    expect(await report(primary.url)).toEqual(warning('is the database of DATABASE_URL itself'));
  });

  test('says of a database of another service that it is not used', async () => {
    const other = await createPostgresDatabase();
    expect(await report(other.url)).toEqual(warning('not a copy of the database of DATABASE_URL'));
    await other.drop();
  });

  test('says why a standby does not answer, without the password', async () => {
    proxy.cut();
    const found = await report(standbyUrl);
    proxy.restore();
    expect(found).toEqual(warning('cannot be opened: '));
    expect(found.message).toContain('The primary answers lists');
    expect(found.message).not.toContain('reader');
  });
});

test('a database that is not a copy of the primary is not read', async () => {
  const { id } = await createKey();
  await untilCopyIsUsed(id);
  await inCopy('update installation set created_at = created_at + 1');
  proxy.cut();
  expect(await listedKeys()).toContain(id);
  proxy.restore();
  const before = linesWith('the standby answers lists again');
  await new Promise((resolve) => setTimeout(resolve, 6_000));
  expect(await listedKeys()).toContain(id);
  expect(linesWith('the standby answers lists again')).toBe(before);
});
