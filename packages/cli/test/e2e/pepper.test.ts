import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { MAIN, runSpawned } from '../harness/spawn-cli.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';

const newDataDir = () => join(temporaryFolder(), 'data');

/** What the folder holds, byte for byte. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder).toSorted();
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(folder, name), 'base64')]));
}

describe('a database without its pepper', () => {
  test.each([[['init']], [['serve', '--init', '--port', '0']], [['serve', '--port', '0']]])(
    '%j: names the missing file and what to do, and writes nothing',
    async (command) => {
      const dataDir = newDataDir();
      await runSpawned(['init', '--data-dir', dataDir]);
      rmSync(join(dataDir, 'pepper'));
      const before = contents(dataDir);
      const { exitCode, stdout, stderr } = await runSpawned([...command, '--data-dir', dataDir]);
      expect(stderr).toMatch(/^error: .+\n$/);
      expect(stderr).toContain(`the pepper file ${join(dataDir, 'pepper')} is missing`);
      expect(stderr).toContain('Restore the pepper from your backup, or set LATCHKEY_PEPPER_FILE');
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
      expect(contents(dataDir)).toEqual(before);
    },
  );
});

describe('a pepper that cannot be written', () => {
  /** The `ulimit -f` of the process in blocks, which simulates a full disk. */
  const withoutSpace = (args: readonly string[]) =>
    promisify(execFile)('bash', ['-c', 'ulimit -f 0; exec "$@"', 'bash', process.execPath, MAIN, ...args]);

  test('init without space leaves no pepper, and succeeds once there is space', async () => {
    const dataDir = newDataDir();
    mkdirSync(dataDir);
    await expect(withoutSpace(['init', '--data-dir', dataDir])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: EFBIG.*\n$/),
    });
    expect(readdirSync(dataDir)).toEqual([]);
    expect(await runSpawned(['init', '--data-dir', dataDir])).toMatchObject({ exitCode: 0 });
  });

  test.each([
    ['', 'is empty'],
    ['c2hvcnQ', 'does not hold 32 bytes in base64url'],
  ])('a pepper file with the text "%s" ends the start with one line: it %s', async (text, what) => {
    const dataDir = newDataDir();
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'pepper'), text, { mode: 0o600 });
    const { exitCode, stderr } = await runSpawned(['serve', '--init', '--port', '0', '--data-dir', dataDir]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^error: .+\n$/);
    expect(stderr).toContain(`the pepper file ${join(dataDir, 'pepper')} ${what}; restore the original`);
    expect(existsSync(join(dataDir, 'latchkey.db'))).toBe(false);
  });
});
