import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LiveService, startLiveService } from '../test/harness/live-service.ts';
import { runCli } from '../test/harness/run-cli.ts';
import { temporaryFolder } from '../test/harness/temporary-folder.ts';

let service: LiveService;
beforeAll(async () => {
  service = await startLiveService();
});
afterAll(() => service.close());

function keyFile(content: string): string {
  const path = join(temporaryFolder(), 'key');
  writeFileSync(path, content);
  return path;
}

describe('the key', () => {
  test.each<[string, () => { args: string[]; env?: NodeJS.ProcessEnv; stdin?: string }]>([
    ['LATCHKEY_KEY', () => ({ args: [], env: { LATCHKEY_KEY: service.key } })],
    ['a file, with a newline at its end', () => ({ args: ['--key-file', keyFile(`${service.key}\n`)] })],
    ['a pipe, with space around it', () => ({ args: ['--key-stdin'], stdin: `\n  ${service.key}\r\n` })],
    [
      'a file rather than LATCHKEY_KEY',
      () => ({ args: ['--key-file', keyFile(service.key)], env: { LATCHKEY_KEY: 'lk_other' } }),
    ],
  ])('is taken from %s', async (_, make) => {
    const { args, env, stdin = '' } = make();
    const ran = await runCli(['keys', 'check', '--url', service.url, ...args], { env: env ?? {}, stdin });
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
  });

  test.each<[string, () => { args: string[]; stdin?: string }, string]>([
    ['is missing', () => ({ args: [] }), 'this command needs a key'],
    [
      'file is missing',
      () => ({ args: ['--key-file', '/nowhere/key'] }),
      '/nowhere/key cannot be read (ENOENT)',
    ],
    ['file is empty', () => ({ args: ['--key-file', keyFile('')] }), 'does not hold a key'],
    ['file holds more', () => ({ args: ['--key-file', keyFile('one secret')] }), 'or more than a key'],
    ['pipe is empty', () => ({ args: ['--key-stdin'] }), 'standard input does not hold a key'],
  ])('%s: exit code 3 and a hint', async (_, make, message) => {
    const { args, stdin = '' } = make();
    const { exitCode, stdout, stderr } = await runCli(['keys', 'check', ...args], { stdin });
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain('hint: set LATCHKEY_KEY, or use --key-file or pipe the key with --key-stdin');
    expect(stderr).not.toContain('one secret');
  });

  test('is not read from a terminal, where it would be visible', async () => {
    const { exitCode, stderr } = await runCli(['keys', 'check', '--key-stdin'], { columns: 80 });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('--key-stdin needs a pipe');
  });

  test('exits with 3 if it is unknown', async () => {
    const ran = await runCli(['keys', 'list', '--json'], {
      env: { ...service.env, LATCHKEY_KEY: 'lk_live_x' },
    });
    expect(ran).toMatchObject({ exitCode: 3, stdout: '' });
    expect(JSON.parse(ran.stderr)).toMatchObject({
      error: { code: 'KEY_INVALID', requestId: expect.any(String) },
    });
  });
});

test('a service that cannot be reached exits with 5 and prints its URL', async () => {
  const { exitCode, stderr } = await runCli(['permissions', '--url', 'http://127.0.0.1:1'], {
    env: service.env,
  });
  expect(exitCode).toBe(5);
  expect(stderr).toMatch(/^error: Latchkey at http:\/\/127.0.0.1:1 cannot be reached .*\nhint: /);
});
