import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runSpawned, type SpawnedCli, spawnCli, startCli } from '../harness/spawn-cli.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';

const SILENT = { LATCHKEY_LOG_LEVEL: 'warn' };

const newDataDir = () => join(temporaryFolder(), 'data');
const socketOf = (dataDir: string) => join(dataDir, 'host.sock');

type Service = SpawnedCli & { readonly address: string };

async function serve(dataDir: string, start = spawnCli): Promise<Service> {
  const service = start(['serve', '--init', '--data-dir', dataDir, '--port', '0'], SILENT);
  return Object.assign(service, { address: await service.url() });
}

/** A service for the tests that do not stop it. */
let running: Service & { readonly dataDir: string };

beforeAll(async () => {
  const dataDir = join(mkdtempSync(join(tmpdir(), 'latchkey-host-')), 'data');
  running = Object.assign(await serve(dataDir, startCli), { dataDir });
});
afterAll(async () => {
  await stop(running, 'SIGKILL');
  rmSync(join(running.dataDir, '..'), { recursive: true });
});

async function stop(service: SpawnedCli, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  service.process.kill(signal);
  await service.exited;
}

const recover = (dataDir: string, ...args: string[]) =>
  runSpawned(['recover', '--json', '--data-dir', dataDir, ...args]);

async function recovered(dataDir: string, ...args: string[]) {
  const { exitCode, stdout, stderr } = await recover(dataDir, ...args);
  expect(exitCode, stderr).toBe(0);
  return JSON.parse(stdout);
}

async function isGoodKey(url: string, key: string): Promise<boolean> {
  const { exitCode } = await runSpawned(['keys', 'check', '--url', url], { LATCHKEY_KEY: key });
  return exitCode === 0;
}

/** A call of the socket as another program would make it. */
async function ask(socketPath: string, path: string, body: string, method = 'POST') {
  return new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    request({ socketPath, path, method }, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode, body: answer }), reject);
    })
      .on('error', reject)
      .end(body);
  });
}

describe('the socket of the host', () => {
  test('only its user can open it, in a data folder that others can read too', async () => {
    const dataDir = newDataDir();
    mkdirSync(dataDir, { mode: 0o755 });
    chmodSync(dataDir, 0o755);
    await serve(dataDir);
    const { mode } = statSync(socketOf(dataDir));
    expect((mode & 0o777).toString(8)).toBe('600');
  });

  test('is gone after an orderly stop; one that a killed service left behind is replaced', async () => {
    const dataDir = newDataDir();
    await stop(await serve(dataDir), 'SIGKILL');
    expect(existsSync(socketOf(dataDir))).toBe(true);
    const second = await serve(dataDir);
    expect(second.stderr).toBe('');
    expect((await recovered(dataDir)).signInUrl).toContain(second.address);
    await stop(second);
    expect(existsSync(socketOf(dataDir))).toBe(false);
  });

  test('a path that is too long for one: the log says so in a line, and recover works while the service is stopped', async () => {
    const dataDir = join(temporaryFolder(), 'd'.repeat(100));
    const service = await serve(dataDir);
    const warnings = service.stderr.trim().split('\n');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/that of a unix socket at most 107\. Use a shorter path/);
    const running = await recover(dataDir);
    expect(running).toMatchObject({ exitCode: 1, stdout: '' });
    expect(running.stderr).toMatch(/stop the service and repeat this/);
    await stop(service);
    const { key, signInUrl } = await recovered(dataDir);
    expect(signInUrl).toBeNull();
    expect(await isGoodKey((await serve(dataDir)).address, key)).toBe(true);
  });

  test('answers what it does not know with an error, and goes on', async () => {
    const socket = socketOf(running.dataDir);
    expect(await ask(socket, '/recover', '', 'GET')).toMatchObject({ status: 404 });
    expect(await ask(socket, '/toString', '{}')).toMatchObject({ status: 404 });
    expect(await ask(socket, '/recover', 'no json')).toMatchObject({ status: 400 });
    expect(await ask(socket, '/recover', JSON.stringify({ userId: 'x'.repeat(10_000) }))).toMatchObject({
      status: 413,
    });
    expect(await ask(socket, '/sign-in', '{}')).toMatchObject({ status: 200 });
  });
});

describe('latchkey recover', () => {
  test('beside the running service: a new key with every permission and a sign-in link, as an act of the operator', async () => {
    const service = running;
    const { key, keyId, userId, signInUrl, workspaceId } = await recovered(service.dataDir);
    expect(service.stdout).toContain(userId);
    expect(signInUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/sign-in#lk_signin_\w{49}$/);
    const env = { LATCHKEY_KEY: key, LATCHKEY_URL: service.address };
    const log = await fetch(`${service.address}/api/v2/workspaces/logs?eventType=member.recovered`, {
      headers: { Authorization: `Bearer ${key}` },
    });
    const [entry] = ((await log.json()) as { data: { result: { logs: unknown[] } } }).data.result.logs;
    expect(entry).toMatchObject({ workspaceId, eventType: 'member.recovered' });
    expect(JSON.stringify(entry)).toContain(keyId);
    expect(JSON.stringify(entry)).toContain('"kind":"operator"');
    expect((await runSpawned(['sign-in'], env)).exitCode).toBe(0);
    expect(service.stdout + service.stderr).not.toContain(key);
  });

  test('--secret-file takes the key instead of the screen, readable by its user only', async () => {
    const file = join(temporaryFolder(), 'owner.key');
    const { exitCode, stdout, stderr } = await runSpawned([
      'recover',
      '--data-dir',
      running.dataDir,
      '--secret-file',
      file,
    ]);
    expect(exitCode).toBe(0);
    const key = readFileSync(file, 'utf8').trim();
    expect(stdout + stderr).not.toContain(key);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await isGoodKey(running.address, key)).toBe(true);
  });

  test('for a user who is not an owner, or is not there: one line, and nothing is made', async () => {
    const file = join(temporaryFolder(), 'owner.key');
    expect(
      await runSpawned(['recover', '--data-dir', running.dataDir, '--user', 'usr_x', '--secret-file', file]),
    ).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'error: No member usr_x\n',
    });
    expect(existsSync(file)).toBe(false);
  });

  test('where there is no service: one line, and nothing is written', async () => {
    const dataDir = newDataDir();
    const { exitCode, stderr } = await runSpawned(['recover', '--data-dir', dataDir]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^error: there is no database of a service in .*\n$/);
    expect(existsSync(dataDir)).toBe(false);
  });
});

describe('latchkey sign-in without a key', () => {
  test('on the machine of the service: a link that signs the owner in with every permission', async () => {
    const { exitCode, stdout } = await runSpawned(['sign-in', '--data-dir', running.dataDir]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/sign-in#lk_signin_\w{49}\n$/);
    expect(running.stderr).toBe('');
  });

  test('where no service runs, or one is elsewhere: says that a key is needed', async () => {
    const dataDir = newDataDir();
    const here = await runSpawned(['sign-in', '--data-dir', dataDir]);
    expect(here).toMatchObject({ exitCode: 3, stdout: '' });
    expect(here.stderr).toMatch(
      /^error: no key was given, and no service that runs with the data folder .*\nhint: .*\n$/,
    );
    const elsewhere = await runSpawned(['sign-in', '--url', 'http://127.0.0.1:1']);
    expect(elsewhere).toMatchObject({ exitCode: 3, stdout: '' });
    expect(elsewhere.stderr).toContain('this command needs a key');
  });
});

test('a file in the place of the socket, of which the service knows nothing, does not keep it from starting', async () => {
  const dataDir = newDataDir();
  await runSpawned(['init', '--data-dir', dataDir]);
  writeFileSync(socketOf(dataDir), 'not a socket');
  await serve(dataDir);
  expect(readdirSync(dataDir)).toContain('host.sock');
  expect((await recovered(dataDir)).key).toMatch(/^lk_live_/);
});
