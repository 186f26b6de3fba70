import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runSpawned, spawnCli } from '../harness/spawn-cli.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';

test('doctor asks a running service for its health, and says where it looked if none answers', async () => {
  const dataDir = join(temporaryFolder(), 'data');
  const service = spawnCli(['serve', '--init', '--data-dir', dataDir, '--port', '0']);
  const url = await service.url();
  const doctor = (at: string) => runSpawned(['doctor', '--data-dir', dataDir], { LATCHKEY_URL: at });
  const healthy = await doctor(url);
  expect(healthy).toMatchObject({ exitCode: 0 });
  expect(healthy.stdout).toContain(`✓ service: ${url} verifies keys and commits changes\n`);
  const elsewhere = await doctor('http://127.0.0.1:9');
  expect(elsewhere.stdout).toContain(
    '! service: the database is in use, but no service answers at http://127.0.0.1:9.',
  );
});

describe('completion', () => {
  test.each(['bash', 'zsh', 'fish', 'powershell'])(
    'for %s prints a script that calls latchkey complete',
    async (shell) => {
      const { exitCode, stdout, stderr } = await runSpawned(['completion', shell]);
      expect([exitCode, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/latchkey complete/);
    },
  );

  test.each([
    [['mem'], 'members'],
    [['keys', 'ver'], 'verify'],
    [['members', ''], 'set-role'],
    [['keys', 'list', '--st'], '--status'],
    [['keys', 'list', '--status', ''], 'disabled'],
  ])('of %j has %s', async (words, expected) => {
    const { exitCode, stdout } = await runSpawned(['complete', '--', ...words]);
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(new RegExp(`^${expected}\\b`, 'm'))]);
  });

  test('another shell is wrong usage', async () => {
    expect((await runSpawned(['completion', 'tcsh'])).exitCode).toBe(2);
  });
});

test('help names commands as npm run has called the program', async () => {
  const env = { npm_command: 'run-script', npm_lifecycle_event: 'latchkey' };
  const { stdout } = await runSpawned(['keys', 'list', '--help'], env);
  expect(stdout).toMatch(/^Usage: npm run --silent latchkey -- keys list \[options\]$/m);
  expect(stdout).toMatch(/^ {2}npm run --silent latchkey -- keys list --status active/m);
});
