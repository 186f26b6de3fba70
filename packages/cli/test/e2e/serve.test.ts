import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runSpawned, spawnCli } from '../harness/spawn-cli.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';

const run = promisify(execFile);

/** Two seconds on a machine with nothing else to do; tests share theirs. */
const AT_ONCE_MS = 20_000;

const newDataDir = () => join(temporaryFolder(), 'data');
const serveArgs = (dataDir: string) => ['serve', '--data-dir', dataDir, '--port', '0'];

/** A port on which another process listens. */
async function takenPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return String(typeof address === 'object' && address !== null ? address.port : 0);
}

describe('the first start', () => {
  test('without --init: one line that says what to do, and nothing is made', async () => {
    const dataDir = newDataDir();
    expect(await runSpawned(serveArgs(dataDir))).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: `error: ${dataDir} is not initialised. Run \`latchkey init --data-dir ${dataDir}\` first, or \`latchkey serve --init\`, which does both\n`,
    });
    expect(await runSpawned(['doctor', '--data-dir', dataDir])).toMatchObject({ exitCode: 1 });
  });

  test('with --init: prints a call that makes a key when it is pasted into a shell', async () => {
    const service = spawnCli([...serveArgs(newDataDir()), '--init']);
    await service.url();
    const { stdout } = service;
    const call = stdout.slice(stdout.indexOf('curl '));
    const answer = await run('bash', ['-c', call]);
    expect(JSON.parse(answer.stdout)).toMatchObject({
      success: true,
      data: { result: { apiKey: { name: 'My first key', permissions: ['calls:read'] } } },
    });
    const { expiresAt } = JSON.parse(answer.stdout).data.result.apiKey;
    expect(Date.parse(expiresAt) - Date.now()).toBeLessThan(91 * 86_400_000);
    const [, userId] = /^ *Owner +(usr_\w+)$/m.exec(stdout) ?? [];
    expect(call).toContain(`"userId": "${userId}"`);
    expect(stdout).toMatch(/^ *Workspace +ws_\w+$/m);
    expect(stdout).toContain('shown only once');
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/sign-in#lk_signin_\w{49}$/m);
  });

  test('names a misspelt setting and the nearest right one, as doctor does', async () => {
    const dataDir = newDataDir();
    const env = { LATCHKEY_AUDIT_RETENTION_DAY: '30' };
    const service = spawnCli([...serveArgs(dataDir), '--init'], env);
    await service.url();
    service.process.kill('SIGTERM');
    expect(await service.exited).toBe(0);
    const warning = service.stderr.split('\n').find((line) => line.includes('LATCHKEY_AUDIT_RETENTION_DAY'));
    expect(JSON.parse(warning ?? '{}')).toMatchObject({
      level: 40,
      setting: 'LATCHKEY_AUDIT_RETENTION_DAY',
      nearest: 'LATCHKEY_AUDIT_RETENTION_DAYS',
    });
    const { exitCode, stdout } = await runSpawned(['doctor', '--data-dir', dataDir], env);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Is LATCHKEY_AUDIT_RETENTION_DAYS meant?');
  });

  test('the second one shows no secret, and the first key still works', async () => {
    const dataDir = newDataDir();
    const first = spawnCli([...serveArgs(dataDir), '--init']);
    await first.url();
    first.process.kill('SIGTERM');
    expect(await first.exited).toBe(0);
    const second = spawnCli([...serveArgs(dataDir), '--init']);
    const url = await second.url();
    expect(second.stdout).toBe(`Latchkey is listening on ${url}\n`);
    const [key] = /lk_live_\w+/.exec(first.stdout) ?? [];
    const checked = await runSpawned(['keys', 'check', '--url', url], { LATCHKEY_KEY: String(key) });
    expect(checked).toMatchObject({ exitCode: 0 });
  });

  test('on a port that is in use: one line names PORT and HOST, and nothing is written', async () => {
    const dataDir = newDataDir();
    const port = await takenPort();
    const failed = await runSpawned(['serve', '--data-dir', dataDir, '--init', '--port', port]);
    expect(failed).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: `error: PORT ${port} of HOST 127.0.0.1 is in use by another process. Stop that process, or set another PORT (--port) (EADDRINUSE)\n`,
    });
    expect(existsSync(dataDir)).toBe(false);
  });

  test('--json prints one line', async () => {
    const service = spawnCli([...serveArgs(newDataDir()), '--init', '--json']);
    await expect.poll(() => service.stderr, { timeout: 20_000 }).toContain('listening on');
    expect(service.stdout).toMatch(/^.+\n$/);
    expect(JSON.parse(service.stdout)).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      workspaceId: expect.stringMatching(/^ws_/),
      userId: expect.stringMatching(/^usr_/),
      key: expect.stringMatching(/^lk_live_/),
      signInUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/sign-in#lk_signin_\w{49}$/),
    });
  });
});

describe('broken percent-encoding', () => {
  test('in the URL of a request and of one behind a gateway is denied by the built program', async () => {
    const routes = join(temporaryFolder(), 'routes.json');
    writeFileSync(
      routes,
      JSON.stringify({ routes: [{ method: 'GET', path: '/files/**', permissions: [] }] }),
    );
    const service = spawnCli([...serveArgs(newDataDir()), '--init', '--json'], {
      LATCHKEY_ROUTES_FILE: routes,
    });
    await expect.poll(() => service.stdout, { timeout: 40_000 }).toMatch(/\n$/);
    const { url, key } = JSON.parse(service.stdout);
    const headers = { 'Latchkey-Verifier': key, Authorization: `Bearer ${key}`, 'X-Forwarded-Method': 'GET' };
    const statusBehindGateway = async (target: string) =>
      (await fetch(`${url}/api/v2/forward-auth`, { headers: { ...headers, 'X-Forwarded-Uri': target } }))
        .status;

    expect(await (await fetch(`${url}/api/v2/permissions?%zz`)).json()).toMatchObject({
      data: { message: 'The URL has a broken percent-encoding', error: { code: 'REQUEST_MALFORMED' } },
    });
    expect(await statusBehindGateway('/files/caf%C3%A9')).toBe(200);
    expect(await statusBehindGateway('/files/caf%E9')).toBe(403);
  });

  test('in LATCHKEY_SMTP_URL is an error at the start of the built program', async () => {
    const env = {
      LATCHKEY_SMTP_URL: 'smtp://a%zz:b@mail.example.com',
      LATCHKEY_MAIL_FROM: 'keys@example.com',
    };
    const { exitCode, stderr } = await runSpawned([...serveArgs(newDataDir()), '--init'], env);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('LATCHKEY_SMTP_URL must be like')]);
  });
});

describe('the end', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('%s: exit code 0, and the port is free again', async (signal) => {
    const service = spawnCli([...serveArgs(newDataDir()), '--init']);
    const url = await service.url();
    service.process.kill(signal);
    expect(await service.exited).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  });

  test('a Ctrl-C that npm forwards a second time still lets the service finish', async () => {
    const service = spawnCli([...serveArgs(newDataDir()), '--init']);
    await service.url();
    service.process.kill('SIGINT');
    service.process.kill('SIGINT');
    expect(await service.exited).toBe(0);
  });
});

test('a second signal ends the process without waiting for a pending request: exit code 1', async () => {
  const dataDir = newDataDir();
  const { stdout } = await runSpawned(['init', '--json', '--data-dir', dataDir]);
  const { key } = JSON.parse(stdout) as { key: string };
  const service = spawnCli(serveArgs(dataDir));
  const { hostname, port } = new URL(await service.url());
  const socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  socket
    .on('error', () => undefined)
    .write(
      `POST /api/v2/api-keys HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n`,
    );
  await once(socket, 'data');
  const insist = setInterval(() => service.process.kill('SIGTERM'), 100);
  onTestFinished(() => clearInterval(insist));
  expect(await service.exited).toBe(1);
});

describe('a bad setting ends the start at once, with one line', () => {
  test.each<[string[], string]>([
    [['--port', 'many'], 'PORT'],
    [['--port', '70000'], 'PORT'],
    [['--log-level', 'loud'], 'LATCHKEY_LOG_LEVEL'],
    [['--host', '203.0.113.7', '--init'], 'HOST 203.0.113.7 is not an address of this machine'],
    [['--database-url', 'nosql://x', '--init'], 'nosql:'],
  ])('%j', async (args, named) => {
    const startedAt = performance.now();
    const { exitCode, stderr } = await runSpawned([
      'serve',
      '--data-dir',
      newDataDir(),
      '--port',
      '0',
      ...args,
    ]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^error: .+\n$/);
    expect(stderr).toContain(named);
    expect(performance.now() - startedAt).toBeLessThan(AT_ONCE_MS);
  });
});
