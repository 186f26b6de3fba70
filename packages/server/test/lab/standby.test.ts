import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DebianPostgres } from '../harness/debian-postgres.ts';
import { HttpClient } from '../harness/http-client.ts';
import { runCli } from '../harness/service-core.ts';
import {
  type FirstWorkspace,
  runInit,
  type ServiceProcess,
  startService,
} from '../harness/service-process.ts';

const KEYS = '/api/v2/api-keys';
const CREATED = 200;

let primary: DebianPostgres;
let standby: DebianPostgres;
let folder: string;
let owner: FirstWorkspace;
let service: ServiceProcess;
let client: HttpClient;

beforeAll(async () => {
  primary = await DebianPostgres.primary('latchkey');
  standby = await primary.standby();
  folder = mkdtempSync(path.join(tmpdir(), 'latchkey-standby-'));
  const env = { DATABASE_URL: primary.url('latchkey'), DATABASE_READ_URL: standby.url('latchkey') };
  owner = await runInit(folder, env);
  service = await startService({ dataDir: folder, env });
  client = new HttpClient(service.url);
}, 120_000);
afterAll(async () => {
  client?.close();
  await service?.kill();
  await Promise.all([primary?.remove(), standby?.remove()]);
  rmSync(folder, { recursive: true, force: true });
});

async function createKey(): Promise<string> {
  const body = { name: 'Key', userId: owner.userId };
  const answer = await client.call('POST', KEYS, { as: owner.key, body });
  expect(answer.status, answer.text).toBe(201);
  return answer.body.data.result.apiKey.id;
}

/** The ids of the newest keys in the list. */
async function newestKeys(): Promise<string[]> {
  const { status, body, text } = await client.call('GET', `${KEYS}?limit=10`, { as: owner.key });
  expect(status, text).toBe(200);
  return body.data.result.apiKeys.map(({ id }: { id: string }) => id);
}

/** The number of rows that the server has read for the service. */
async function rowsReadBy(server: DebianPostgres): Promise<number> {
  const [row] = await server.query(
    "select sum(tup_returned)::int as read from pg_stat_database where datname = 'latchkey'",
  );
  return Number(row?.read);
}

/** What doctor says of the standby. */
async function standbyFinding(): Promise<{ status: string; message: string }> {
  const env = {
    DATABASE_URL: primary.url('latchkey'),
    DATABASE_READ_URL: standby.url('latchkey'),
    LATCHKEY_DATA_DIR: folder,
  };
  const { findings } = JSON.parse(await runCli(['doctor', '--json'], env));
  return findings.find(({ check }: { check: string }) => check === 'standby');
}

test('doctor says how late a real standby is, and which changes and migrations it lacks', async () => {
  const sound = / is a standby, \d+ ms late, with the schema of this version$/;
  expect(await standbyFinding()).toMatchObject({ status: 'ok', message: expect.stringMatching(sound) });
  const [newest] = await primary.query(
    'delete from kysely_migration where name = (select max(name) from kysely_migration) returning name, timestamp',
    'latchkey',
  );
  const id = await createKey();
  await expect.poll(newestKeys).toContain(id);
  await standby.query('select pg_wal_replay_pause()');
  await primary.query(
    `insert into kysely_migration values ('${newest?.name}', '${newest?.timestamp}')`,
    'latchkey',
  );
  expect(await standbyFinding()).toMatchObject({
    status: 'warning',
    message: expect.stringMatching(
      new RegExp(
        `lacks changes of 2 seconds ago.* is of 20.*Z\\. It lacks the migrations ${newest?.name}\\.`,
      ),
    ),
  });
  await standby.query('select pg_wal_replay_resume()');
  await expect.poll(async () => (await standbyFinding()).status, { timeout: 20_000 }).toBe('ok');
});

test('a real standby answers the lists, which miss only the last changes; without it no list fails', async () => {
  const before = await rowsReadBy(standby);
  const lateMs: number[] = [];
  for (let created = 0; created < CREATED; created++) {
    const id = await createKey();
    const since = performance.now();
    while (!(await newestKeys()).includes(id)) await pause(2);
    lateMs.push(performance.now() - since);
  }
  // The server writes its statistics about once a second.
  await expect
    .poll(async () => (await rowsReadBy(standby)) - before, { timeout: 15_000 })
    .toBeGreaterThan(CREATED);
  await standby.crash();
  const withoutStandby = performance.now();
  for (let round = 0; round < 50; round++) {
    const id = await createKey();
    expect(await newestKeys()).toContain(id);
  }
  const sorted = lateMs.toSorted((one, other) => one - other);
  console.table({
    keys: CREATED,
    'listed after, median ms': sorted[Math.floor(CREATED / 2)]?.toFixed(1),
    'listed after, most ms': sorted.at(-1)?.toFixed(1),
    '50 keys and lists without the standby, ms': (performance.now() - withoutStandby).toFixed(0),
  });
});
