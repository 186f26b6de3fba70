import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LiveService, startLiveService } from '../../../test/harness/live-service.ts';
import { runCli } from '../../../test/harness/run-cli.ts';
import { temporaryFolder } from '../../../test/harness/temporary-folder.ts';

let service: LiveService;
beforeAll(async () => {
  service = await startLiveService();
  await runCli(['keys', 'create', '--name', 'Worker', '--no-permissions'], { env: service.env });
});
afterAll(() => service.close());

const audit = (...args: string[]) => runCli(['audit', ...args], { env: service.env });

async function exported(): Promise<string[]> {
  const { exitCode, stdout, stderr } = await audit('export');
  expect(exitCode, stderr).toBe(0);
  return stdout.split('\n');
}

function fileOf(lines: readonly string[]): string {
  const file = join(temporaryFolder(), 'audit.ndjson');
  writeFileSync(file, lines.join('\n'));
  return file;
}

async function anchor(): Promise<string> {
  return (await audit('anchor')).stdout.trim();
}

describe('audit', () => {
  test('an export verifies with and without its anchor, without the service', async () => {
    const file = fileOf(await exported());
    const { exitCode, stdout } = await runCli(['audit', 'verify', file, '--anchor', await anchor()]);
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^intact: entries 1 to 3 of ws_\w+\n$/)]);
  });

  test('the anchor is number and hash of the last entry', async () => {
    const lines = await exported();
    const { sequence, hash } = JSON.parse(lines.at(-2) ?? '').anchor;
    expect(await anchor()).toBe(`${sequence}:${hash}`);
    expect(JSON.parse((await audit('anchor', '--json')).stdout)).toEqual({ sequence, hash });
  });

  test('verify names the first broken entry and ends with 1', async () => {
    const [first = '', second = '', ...others] = await exported();
    const edited = fileOf([first, second.replace('usr_', 'usr_0'), ...others]);
    expect(await audit('verify', edited)).toMatchObject({
      exitCode: 1,
      stdout: 'broken: entry 2 was edited\n',
    });
    const { exitCode, stdout } = await audit('verify', fileOf([first, ...others]), '--json');
    expect([exitCode, JSON.parse(stdout)]).toEqual([
      1,
      { isIntact: false, sequence: 2, tampering: 'missing' },
    ]);
  });

  test('verify detects a truncated log with a new last line only with an anchor', async () => {
    const [first = ''] = await exported();
    const { workspaceId, sequence, hash } = JSON.parse(first);
    const file = fileOf([first, JSON.stringify({ anchor: { hash, sequence, workspaceId } })]);
    expect(await audit('verify', file)).toMatchObject({ exitCode: 0 });
    expect(await audit('verify', file, '--anchor', await anchor())).toMatchObject({
      exitCode: 1,
      stdout: 'broken: entry 2 and all later entries are missing\n',
    });
  });

  test.each([
    ['empty', '', 'line 1 is not an audit entry: the file is empty'],
    [
      'what npm prints',
      '\n> latchkey-workspace@0.1.0 latchkey\n> node main.js audit export\n',
      'line 1 is not an audit entry. Write',
    ],
    ['a README', '# Latchkey\n', 'line 1 is not an audit entry. Write'],
    ['JSON of another kind', '{"name":"latchkey"}\n', 'line 1 is not an audit entry. Write'],
  ])(
    'a file that is %s is not an export, which is not tampering: exit code 6',
    async (_what, text, message) => {
      const { exitCode, stdout } = await audit('verify', fileOf([text]));
      expect([exitCode, stdout]).toEqual([6, expect.stringContaining(message)]);
    },
  );

  test('an export in another encoding is named as such: exit code 6', async () => {
    const text = (await exported()).join('\n');
    const verify = async (bytes: Buffer) => {
      const file = join(temporaryFolder(), 'audit.ndjson');
      writeFileSync(file, bytes);
      return audit('verify', file, '--json');
    };
    const utf16 = await verify(Buffer.from(`\ufeff${text}`, 'utf16le'));
    expect([utf16.exitCode, JSON.parse(utf16.stdout)]).toEqual([
      6,
      { isIntact: false, line: 1, problem: 'utf-16' },
    ]);
    const marked = await verify(Buffer.from(`\ufeff${text}`));
    expect([marked.exitCode, JSON.parse(marked.stdout)]).toEqual([
      6,
      { isIntact: false, line: 1, problem: 'byte-order-mark' },
    ]);
  });

  test('a first entry that is no longer valid JSON counts as tampering', async () => {
    const [first = '', ...others] = await exported();
    expect(await audit('verify', fileOf([first.slice(0, -1), ...others]))).toMatchObject({
      exitCode: 1,
      stdout: 'broken: entry 1 was edited\n',
    });
  });

  test('the setup of the service is recorded as an action of the operator', async () => {
    const [first = ''] = await exported();
    expect(JSON.parse(first)).toMatchObject({
      credential: { kind: 'operator' },
      eventType: 'workspace.founded',
    });
  });

  test.each([
    [['verify'], "missing required argument 'file'"],
    [['verify', 'x', '--anchor', '7'], 'number:hash'],
    [['verify', '/nowhere/audit.ndjson'], 'cannot be read (ENOENT)'],
  ])('%s is wrong usage', async (args, message) => {
    const { exitCode, stderr } = await audit(...args);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});
