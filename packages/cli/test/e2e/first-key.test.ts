import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runSpawned, spawnCli } from '../harness/spawn-cli.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';

interface Founded {
  readonly workspaceId: string;
  readonly userId: string;
  readonly key: string;
}

async function init(dataDir: string): Promise<Founded> {
  const { stdout, stderr } = await runSpawned(['init', '--data-dir', dataDir, '--json']);
  expect(stdout, stderr).toMatch(/^.+\n$/);
  return JSON.parse(stdout);
}

describe('init', () => {
  test('prints exactly the ids and the key', async () => {
    expect(await init(join(temporaryFolder(), 'data'))).toEqual({
      workspaceId: expect.stringMatching(/^ws_/),
      userId: expect.stringMatching(/^usr_/),
      key: expect.stringMatching(/^lk_live_\w{49}$/),
    });
  });

  test('a second init fails in one line, without standard output, and the first key stays valid', async () => {
    const dataDir = join(temporaryFolder(), 'data');
    const { key } = await init(dataDir);
    expect(await runSpawned(['init', '--data-dir', dataDir])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: `error: ${dataDir} is initialised already; nothing was changed\n`,
    });
    const service = spawnCli(['serve', '--data-dir', dataDir, '--port', '0']);
    const env = { LATCHKEY_URL: await service.url(), LATCHKEY_KEY: key };
    expect(await runSpawned(['keys', 'check'], env)).toMatchObject({ exitCode: 0 });
  });
});

test('from an empty folder to a key that is made, used, rotated and revoked', async () => {
  const dataDir = join(temporaryFolder(), 'data');
  const { key: owner, userId } = await init(dataDir);
  expect(await runSpawned(['doctor', '--data-dir', dataDir])).toMatchObject({ exitCode: 0 });
  const service = spawnCli(['serve', '--data-dir', dataDir, '--port', '0']);
  const url = await service.url();
  const latchkey = (args: string[], key = owner) =>
    runSpawned([...args, '--url', url, '--key-stdin', '--json'], {}, key);

  const made = JSON.parse((await latchkey(['keys', 'create', '--name', 'Worker'])).stdout);
  expect(made.apiKey).toMatchObject({ name: 'Worker', userId });
  expect(await latchkey(['keys', 'check'], made.key)).toMatchObject({ exitCode: 0 });
  const rotated = JSON.parse((await latchkey(['keys', 'rotate', made.apiKey.id, '--overlap', '0'])).stdout);
  expect(await latchkey(['keys', 'check'], made.key)).toMatchObject({ exitCode: 1 });
  expect(await latchkey(['keys', 'check'], rotated.key)).toMatchObject({ exitCode: 0 });
  expect(await latchkey(['keys', 'revoke', made.apiKey.id, '--yes'])).toMatchObject({ exitCode: 0 });
  expect(await latchkey(['keys', 'check'], rotated.key)).toMatchObject({ exitCode: 1 });
  expect(await latchkey(['keys', 'list'], rotated.key)).toMatchObject({ exitCode: 3, stdout: '' });
  expect(await latchkey(['keys', 'show', 'key_unknown'])).toMatchObject({ exitCode: 4, stdout: '' });

  service.process.kill('SIGTERM');
  expect(await service.exited).toBe(0);
  expect(await latchkey(['keys', 'list'])).toMatchObject({ exitCode: 5, stdout: '' });
  for (const secret of [owner, made.key, rotated.key])
    expect(service.stdout + service.stderr).not.toContain(secret);
});

// What /proc shows is what ps shows, to every user of the machine.
test.skipIf(process.platform !== 'linux')(
  'while a command runs, its key is not in the list of processes',
  async () => {
    const key = `lk_live_${'x'.repeat(49)}`;
    const peer = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => peer.closeAllConnections());
    await once(peer, 'listening');
    const { port } = peer.address() as AddressInfo;
    const cli = spawnCli(['keys', 'list', '--key-stdin', '--url', `http://127.0.0.1:${port}`], {}, key);
    const [request]: IncomingMessage[] = await once(peer, 'request');
    expect(request?.headers.authorization).toBe(`Bearer ${key}`);
    const shown = readFileSync(`/proc/${cli.process.pid}/cmdline`, 'utf8');
    expect(shown).toContain('--key-stdin');
    expect(shown).not.toContain(key);
  },
);
