import { PassThrough } from 'node:stream';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { runCli } from '../test/harness/run-cli.ts';
import { createProgram } from './program.ts';

const secret = `lk_live_${'Ab3'.repeat(16)}Z`;

function everyCommand(command: Command, path: readonly string[] = []): string[][] {
  const below = command.commands.flatMap((inner) => everyCommand(inner, [...path, inner.name()]));
  return [[...path], ...below];
}

function commandPaths(): string[][] {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  return everyCommand(createProgram({ env: {}, stdin, stdout, stderr, exitCode: 0, outlivesOutput: false }));
}

describe('help', () => {
  test.each(commandPaths())('of "latchkey %s %s" ends with an example', async (...path) => {
    const { exitCode, stdout, stderr } = await runCli([...path.filter(Boolean), '--help']);
    expect(stdout).toMatch(/\nExample:\n( {2}.+\n)+$/);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });

  test('of the program documents the exit codes', async () => {
    const { stdout } = await runCli(['--help']);
    expect(stdout).toMatch(/Exit codes:\n {2}0 {2}done\n( {2}[1-5] {2}.+\n){5}/);
  });

  test('every command except completion has --json', async () => {
    const paths = commandPaths();
    const isGroup = (path: string[]) =>
      paths.some((other) => other.join(' ').startsWith(`${path.join(' ')} `));
    const leaves = paths.filter((path) => path.length > 0 && !isGroup(path) && path[0] !== 'completion');
    for (const path of [['permissions'], ...leaves])
      expect((await runCli([...path, '--help'])).stdout).toContain('--json');
  });

  test('the version is that of the package', async () => {
    expect(await runCli(['--version'])).toEqual({ exitCode: 0, stdout: '0.1.0\n', stderr: '' });
  });
});

describe('wrong usage exits with 2, prints the reason, and no result', () => {
  test.each([
    [['nope'], "unknown command 'nope'"],
    [['keys', 'lst'], "unknown command 'lst'"],
    [['keys', 'list', '--nope'], "unknown option '--nope'"],
    [['keys', 'list', 'extra'], 'too many arguments'],
    [['keys', 'list', '--status', 'odd'], 'Allowed choices are active, disabled, expired, revoked'],
    [['keys', 'list', '--limit', 'many'], 'It is not a whole number.'],
    [['keys', 'list', '--all', '--limit', '5'], 'cannot be used with'],
    [['keys', 'list', '--key-stdin', '--key-file', 'x'], 'cannot be used with'],
    [['keys', 'create'], "required option '--name <name>' not specified"],
    [['keys', 'create', '--name', 'x', '--expires-in', 'soon'], 'such as 30d'],
    [['keys', 'create', '--name', 'x', '--expires-in', '0'], 'such as 30d'],
    [
      ['keys', 'create', '--name', 'x', '--expires-in', '1d', '--expires-at', '2030-01-01'],
      'cannot be used with',
    ],
    [
      ['keys', 'create', '--name', 'x', '--permissions', 'fly'],
      '"fly" is not a permission, such as calls:read',
    ],
    [['keys', 'show', '..'], 'It is not an id'],
    [['keys', 'update', 'key_1'], 'there is nothing to change'],
    [['keys', 'update', 'key_1', '--enable', '--disable'], 'cannot be used with'],
    [['keys', 'update', 'key_1', '--no-expiry', '--expires-in', '1d'], 'cannot be used with'],
    [['keys', 'rotate', 'key_1', '--overlap', '1y'], 'such as 24h'],
    [['keys', 'revoke', 'key_1'], 'there is no terminal to ask on'],
    [['keys', 'revoke'], "missing required argument 'id'"],
    [['permissions', '--url', 'nowhere'], 'url must be an address'],
  ])('%j', async (args, message) => {
    const { exitCode, stdout, stderr } = await runCli(args, { env: { LATCHKEY_KEY: 'lk_x' } });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/^error: .+\nhint: .+\n$/);
    expect(stderr).toContain(message);
  });

  test('no command at all shows the help', async () => {
    const { exitCode, stdout, stderr } = await runCli([]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain('Usage: latchkey');
  });

  test('with --json it is printed as JSON', async () => {
    const { stderr } = await runCli(['keys', 'create', '--json']);
    const message = "required option '--name <name>' not specified";
    expect(JSON.parse(stderr)).toEqual({ error: { code: 'USAGE', message, details: [], requestId: null } });
  });
});

describe('a key among the arguments is rejected and not repeated', () => {
  test.each([
    [['keys', 'show', secret]],
    [['keys', 'list', `--search=${secret}`]],
    [['keys', 'list', '--url', `http://${secret}@localhost`]],
    [['keys', 'list', '--key', 'anything-secret']],
    [['keys', 'list', '--key=anything-secret']],
  ])('%j', async (args) => {
    const { exitCode, stdout, stderr } = await runCli(args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain('a key must not be an argument');
    expect(stderr).not.toMatch(/Ab3|anything/);
  });
});

test('a bug is printed in one line, with its stack only on demand', async () => {
  const broken: NodeJS.ProcessEnv = new Proxy(
    {},
    {
      get: (_, name) => {
        if (name === 'LATCHKEY_KEY') throw new TypeError('odd');
        return undefined;
      },
    },
  );
  expect(await runCli(['permissions'], { env: broken })).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: 'error: internal: odd\n',
  });
});
