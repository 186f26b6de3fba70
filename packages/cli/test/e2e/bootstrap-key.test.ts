import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { secretText } from '@latchkey/contract';
import { describe, expect, test } from 'vitest';
import { runSpawned, spawnCli } from '../harness/spawn-cli.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';

const place = () => {
  const folder = temporaryFolder();
  return { dataDir: join(folder, 'data'), file: join(folder, 'owner.key') };
};

const serveArgs = (dataDir: string) => ['serve', '--init', '--data-dir', dataDir, '--port', '0'];

async function generate(file: string): Promise<string> {
  const { exitCode, stdout, stderr } = await runSpawned(['keys', 'generate', '--secret-file', file]);
  expect(exitCode, stderr).toBe(0);
  const key = readFileSync(file, 'utf8').trim();
  expect(stdout + stderr).not.toContain(key);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  return key;
}

test('the first start makes the key in the file the owner’s, and prints no secret; later starts do without the file', async () => {
  const { dataDir, file } = place();
  const key = await generate(file);
  const env = { LATCHKEY_BOOTSTRAP_KEY_FILE: file };
  const first = spawnCli(serveArgs(dataDir), env);
  const url = await first.url();
  expect(first.stdout).toBe(`Latchkey is listening on ${url}\n`);
  const at = { LATCHKEY_URL: url, LATCHKEY_KEY: key };
  expect((await runSpawned(['keys', 'check'], at)).exitCode).toBe(0);
  const link = await runSpawned(['sign-in'], at);
  expect(link.exitCode, link.stderr).toBe(0);
  first.process.kill('SIGTERM');
  expect(await first.exited).toBe(0);
  expect(first.stdout + first.stderr).not.toMatch(/lk_(live|signin)_\w/);
  rmSync(file);
  const second = spawnCli(serveArgs(dataDir), env);
  expect((await runSpawned(['keys', 'check', '--url', await second.url()], at)).exitCode).toBe(0);
});

test('init does the same', async () => {
  const { dataDir, file } = place();
  const key = await generate(file);
  const env = { LATCHKEY_BOOTSTRAP_KEY_FILE: file };
  const { exitCode, stdout, stderr } = await runSpawned(['init', '--json', '--data-dir', dataDir], env);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(Object.keys(JSON.parse(stdout))).toEqual(['workspaceId', 'userId']);
  const service = spawnCli(['serve', '--data-dir', dataDir, '--port', '0']);
  const at = { LATCHKEY_URL: await service.url(), LATCHKEY_KEY: key };
  expect((await runSpawned(['keys', 'check'], at)).exitCode).toBe(0);
});

describe('a file that cannot be used ends the first start with one line, before anything is written', () => {
  test.each([
    ['weak', secretText('lk_live', 'a'.repeat(43)), 0o600, 'is not random'],
    ['malformed', 'password', 0o600, 'does not hold a key of the form lk_live_'],
    ['empty', '', 0o600, 'is empty; it must contain the secret'],
    ['for all to read', null, 0o644, 'can be read by others; run: chmod 600'],
  ])('%s', async (_name, text, mode, problem) => {
    const { dataDir, file } = place();
    if (text === null) await generate(file);
    else writeFileSync(file, text);
    chmodSync(file, mode);
    const env = { LATCHKEY_BOOTSTRAP_KEY_FILE: file };
    const { exitCode, stdout, stderr } = await runSpawned(serveArgs(dataDir), env);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/^error: LATCHKEY_BOOTSTRAP_KEY_FILE.*\n$/);
    expect(stderr).toContain(problem);
    expect(existsSync(dataDir)).toBe(false);
  });

  test('missing', async () => {
    const { dataDir, file } = place();
    const { exitCode, stderr } = await runSpawned(serveArgs(dataDir), { LATCHKEY_BOOTSTRAP_KEY_FILE: file });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^error: LATCHKEY_BOOTSTRAP_KEY_FILE: ENOENT.*\n$/);
    expect(existsSync(dataDir)).toBe(false);
  });
});
