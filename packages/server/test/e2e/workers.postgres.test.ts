import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { freePort } from '../harness/free-port.ts';
import { HttpClient } from '../harness/http-client.ts';
import { createPostgresDatabase, type PostgresDatabase } from '../harness/postgres-database.ts';
import {
  type FirstWorkspace,
  launchService,
  runInit,
  type ServiceProcess,
  startService,
} from '../harness/service-process.ts';
import { LOAD_CLIENT, stopUnderLoad } from '../proof/orderly-stop/stop-under-load.ts';

const WORKERS = ['--workers', '2'];

let database: PostgresDatabase;
let folder: string;
let owner: FirstWorkspace;
let client: ChildProcess;
let rows: pg.Client;
let service: ServiceProcess;

beforeAll(async () => {
  database = await createPostgresDatabase(null);
  folder = mkdtempSync(path.join(tmpdir(), 'latchkey-workers-'));
  owner = await runInit(folder, { DATABASE_URL: database.url });
  client = fork(LOAD_CLIENT);
  rows = new pg.Client({ connectionString: database.url });
  await rows.connect();
});
afterEach(async () => {
  await service.stop();
  await rows.query('delete from instances');
});
afterAll(async () => {
  client.kill();
  await rows.end();
  await database.drop();
  rmSync(folder, { recursive: true });
});

async function start(env: Readonly<Record<string, string>> = {}): Promise<void> {
  service = await startService({
    dataDir: folder,
    env: { DATABASE_URL: database.url, ...env },
    args: WORKERS,
  });
}

/** The process ids of the workers, the oldest first. */
async function workers(): Promise<number[]> {
  const found = await rows.query('select pid from instances order by started_at, id');
  return found.rows.map(({ pid }) => Number(pid));
}

/** The status of a call on a connection of its own. */
async function statusOf(url: string): Promise<number> {
  const http = new HttpClient(url);
  const { status } = await http.call('GET', '/api/v2/api-keys/check', { as: owner.key });
  http.close();
  return status;
}

/** Resolves with the metrics at the port, or on the socket. */
function metricsAt(place: { port: number } | { socketPath: string }): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', path: '/metrics', ...place }, (answer) => resolve(text(answer))).on(
      'error',
      reject,
    );
  });
}

test('connections go to all workers in turn; each is an instance with metrics at a port of its own', async () => {
  const port = await freePort(2);
  await start({ LATCHKEY_METRICS_PORT: String(port) });
  expect(await workers()).toHaveLength(2);
  for (let call = 0; call < 20; call++) expect(await statusOf(service.url)).toBe(200);
  const [one, two] = await Promise.all([metricsAt({ port }), metricsAt({ port: port + 1 })]);
  for (const metrics of [one, two]) {
    expect(metrics).toContain('latchkey_verifications_total{code="VALID"} 10');
    expect(metrics).toMatch(/^latchkey_feed_lease_held 1$/m);
    expect(metrics).toMatch(/^latchkey_http_answer_seconds_count{path="fast",status="2xx"} \d+$/m);
    expect(metrics).toMatch(/^latchkey_database_connections{purpose="feed",state="\w+"} 1$/m);
  }
  const onHost = await metricsAt({ socketPath: path.join(folder, 'host.sock') });
  expect(onHost).toContain('latchkey_cached_keys');
  expect(await service.stop()).toBe(0);
  expect(await workers()).toEqual([]);
});

test('a worker that is killed is replaced, and the other one answers meanwhile', async () => {
  await start();
  const [killed = 0, other] = await workers();
  // A connection that was passed to a worker which does not take it any longer goes to the other one.
  process.kill(killed, 'SIGSTOP');
  const calls = Array.from({ length: 20 }, () => statusOf(service.url));
  await pause(200);
  process.kill(killed, 'SIGKILL');
  expect(await Promise.all(calls)).toEqual(calls.map(() => 200));
  for (let call = 0; call < 20; call++) expect(await statusOf(service.url)).toBe(200);
  const ends = performance.now() + 20_000;
  while ((await workers()).length < 3) {
    expect(performance.now()).toBeLessThan(ends);
    await pause(50);
  }
  expect(await workers()).toContain(other);
  expect(service.output).toContain('a worker ended and is started again');
  expect(await service.stop()).toBe(0);
});

test('SIGTERM cuts no request whose first byte has arrived, on any worker', {
  timeout: 120_000,
}, async () => {
  await start();
  const load = { connections: 64, seed: 1, runsMs: 300 };
  const { report } = await stopUnderLoad(client, service, owner, load);
  expect(report.cut).toEqual([]);
  // On a busy machine, the first look-up of a key may take longer than a verification waits.
  expect(report.wrong.filter((wrong) => !wrong.endsWith('503'))).toEqual([]);
  expect(report.answered).toBeGreaterThan(100);
});

test('workers end in order when the process that has started them is killed', async () => {
  await start();
  const pids = await workers();
  expect(pids).toHaveLength(2);
  await service.kill();
  const ends = performance.now() + 10_000;
  while ((await workers()).length > 0) {
    expect(performance.now()).toBeLessThan(ends);
    await pause(50);
  }
});

test('with SQLite, --workers is denied with the setting to change, and nothing is created', async () => {
  const dataDir = path.join(folder, 'sqlite');
  service = launchService({ dataDir, args: WORKERS, init: true });
  expect(await service.ended()).toBe(1);
  expect(service.output).toContain('--workers needs PostgreSQL');
  expect(service.output).toContain('DATABASE_URL=postgres://');
});
