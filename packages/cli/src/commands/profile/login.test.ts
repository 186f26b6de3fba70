import { chmodSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LiveService, startLiveService } from '../../../test/harness/live-service.ts';
import { runCli } from '../../../test/harness/run-cli.ts';
import { temporaryFolder } from '../../../test/harness/temporary-folder.ts';

let service: LiveService;
beforeAll(async () => {
  service = await startLiveService();
});
afterAll(() => service.close());

/** An empty home folder. */
function newHome() {
  const home = temporaryFolder();
  const env = { HOME: home };
  const file = join(home, '.config', 'latchkey', 'profiles.json');
  const latchkey = (
    args: string[],
    more: { stdin?: string; columns?: number; env?: NodeJS.ProcessEnv } = {},
  ) => runCli(args, { ...more, env: { ...env, ...more.env } });
  return { file, latchkey };
}

const logIn = ['login', '--url'];

test('a piped key is checked and stored with its URL, readable only by its owner; later commands use it', async () => {
  const { file, latchkey } = newHome();
  const { exitCode, stdout, stderr } = await latchkey([...logIn, service.url], { stdin: `${service.key}\n` });
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^profile +default$/m)]);
  expect(stdout + stderr).not.toContain(service.key);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    profiles: { default: { url: service.url, key: service.key } },
  });
  expect((await latchkey(['keys', 'list'])).exitCode).toBe(0);
});

test('a key that is typed at the terminal is stored, and is not echoed', async () => {
  const { latchkey } = newHome();
  const ran = await latchkey([...logIn, service.url], { stdin: `${service.key}\r`, columns: 80 });
  expect([ran.exitCode, ran.stdout + ran.stderr]).toEqual([0, expect.not.stringContaining(service.key)]);
  expect((await latchkey(['keys', 'list'])).exitCode).toBe(0);
});

test.each([
  ['an unknown key', `lk_live_${'x'.repeat(49)}`, 2],
  ['nothing', '', 2],
  ['a line that is not a key', 'not a key', 2],
])('%s is not stored and not repeated', async (_, stdin, exitCode) => {
  const { file, latchkey } = newHome();
  const ran = await latchkey([...logIn, service.url], { stdin });
  expect(ran).toMatchObject({ exitCode, stdout: '' });
  if (stdin) expect(ran.stderr).not.toContain(stdin);
  expect(() => statSync(file)).toThrow('ENOENT');
});

test('a revoked key is not stored', async () => {
  const { file, latchkey } = newHome();
  const made = JSON.parse(
    (await runCli(['keys', 'create', '--name', 'x', '--no-permissions', '--json'], { env: service.env }))
      .stdout,
  );
  await runCli(['keys', 'revoke', made.apiKey.id, '--yes'], { env: service.env });
  expect((await latchkey([...logIn, service.url], { stdin: made.key })).exitCode).toBe(3);
  expect(() => statSync(file)).toThrow('ENOENT');
});

test('profiles are chosen by --profile and LATCHKEY_PROFILE, listed without their keys, and removed by logout', async () => {
  const { latchkey } = newHome();
  await latchkey([...logIn, service.url, '--profile', 'staging'], { stdin: service.key });
  expect((await latchkey(['keys', 'list'])).exitCode).toBe(3);
  expect((await latchkey(['keys', 'list', '--profile', 'staging'])).exitCode).toBe(0);
  expect((await latchkey(['keys', 'list'], { env: { LATCHKEY_PROFILE: 'staging' } })).exitCode).toBe(0);
  const { profiles } = JSON.parse((await latchkey(['profiles', 'list', '--json'])).stdout);
  const hint = `lk_live_…${service.key.slice(-4)}`;
  expect(profiles).toEqual([{ profile: 'staging', url: service.url, key: hint, isCurrent: false }]);
  expect((await latchkey(['logout', '--profile', 'staging'])).stdout).toBe('Removed the profile staging.\n');
  expect((await latchkey(['keys', 'list', '--profile', 'staging'])).exitCode).toBe(3);
  expect((await latchkey(['profiles', 'list'])).stdout).toBe('No profiles. Make one with latchkey login.\n');
  expect((await latchkey(['logout', '--profile', 'staging'])).exitCode).toBe(4);
});

test('LATCHKEY_KEY comes before the default profile, and --profile before LATCHKEY_KEY', async () => {
  const { latchkey } = newHome();
  await latchkey([...logIn, service.url], { stdin: service.key });
  const env = { LATCHKEY_KEY: 'lk_live_other', LATCHKEY_URL: service.url };
  expect((await latchkey(['keys', 'list'], { env })).exitCode).toBe(3);
  expect((await latchkey(['keys', 'list', '--profile', 'default'], { env })).exitCode).toBe(0);
});

test.each([
  ['--url', ['--url', 'http://127.0.0.1:9'], {}],
  ['LATCHKEY_URL', [], { LATCHKEY_URL: 'http://127.0.0.1:9' }],
])('the key of a profile is not sent to another URL, given by %s', async (_, args, env) => {
  const { latchkey } = newHome();
  await latchkey([...logIn, service.url], { stdin: service.key });
  const { exitCode, stderr } = await latchkey(['keys', 'list', ...args], { env });
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('is not sent to another service')]);
});

test('a file that other users can read is not used', async () => {
  const { file, latchkey } = newHome();
  await latchkey([...logIn, service.url], { stdin: service.key });
  chmodSync(file, 0o644);
  const { exitCode, stderr } = await latchkey(['keys', 'list']);
  expect([exitCode, stderr]).toEqual([
    1,
    `error: other users can read ${file}, which holds keys\nhint: run: chmod 600 ${file}\n`,
  ]);
});

test('profiles are stored in XDG_CONFIG_HOME, if it is set', async () => {
  const { latchkey } = newHome();
  const XDG_CONFIG_HOME = temporaryFolder();
  await latchkey([...logIn, service.url], { stdin: service.key, env: { XDG_CONFIG_HOME } });
  expect(readFileSync(join(XDG_CONFIG_HOME, 'latchkey', 'profiles.json'), 'utf8')).toContain(service.url);
});
