import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LiveService, startLiveService } from '../../../test/harness/live-service.ts';
import { runCli } from '../../../test/harness/run-cli.ts';

let service: LiveService;
beforeAll(async () => {
  service = await startLiveService();
});
afterAll(() => service.close());

const latchkey = (...args: string[]) => runCli(['keys', ...args], { env: service.env });

async function create(env = service.env): Promise<{ id: string; key: string }> {
  const { stdout } = await runCli(['keys', 'create', '--name', 'Test key', '--json'], { env });
  const { apiKey, key } = JSON.parse(stdout);
  return { id: apiKey.id, key };
}

async function statusOf(id: string): Promise<string> {
  return JSON.parse((await latchkey('show', id, '--json')).stdout).apiKey.status;
}

describe('a person', () => {
  test.each([
    ['y\n', 'revoked', 0],
    ['YES\n', 'revoked', 0],
    ['n\n', 'active', 1],
    ['\n', 'active', 1],
    ['', 'active', 1],
    ['\u0003', 'active', 1],
    ['\u0004', 'active', 1],
  ])('who answers %j leaves the key %s', async (stdin, status, exitCode) => {
    const { id, key } = await create();
    const ran = await runCli(['keys', 'revoke', id], { env: service.env, stdin, columns: 80 });
    const hint = `lk_live_…${key.slice(-4)}`;
    expect(ran.stderr).toContain(`Revoke ${id} ("Test key", ${hint}) permanently? [y/N]`);
    expect(ran.exitCode).toBe(exitCode);
    expect(ran.stderr).not.toContain('internal');
    expect(await statusOf(id)).toBe(status);
  });
});

describe('a script', () => {
  test('must pass --yes', async () => {
    const { id } = await create();
    expect((await latchkey('revoke', id)).exitCode).toBe(2);
    expect(await statusOf(id)).toBe('active');
  });

  test('prints the result of the API, with the reason', async () => {
    const { id } = await create();
    const { stdout } = await latchkey('revoke', id, '--yes', '--reason', 'left the team', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      apiKey: { id, status: 'revoked', revokedReason: 'left the team' },
      livingDescendants: 0,
    });
  });

  test('learns with --dry-run what would end, without --yes, and nothing is changed', async () => {
    const { id } = await create();
    const { stdout, exitCode } = await latchkey('revoke', id, '--dry-run', '--cascade');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('This was a dry run: nothing was changed.');
    expect(await statusOf(id)).toBe('active');
  });

  test('revokes several keys in one call; if one fails, the others are revoked and the exit code is 1', async () => {
    const [first, second] = [await create(), await create()];
    const { exitCode, stdout } = await latchkey('revoke', first.id, 'key_unknown', second.id, '--yes');
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`Revoked ${first.id}.\nRevoked ${second.id}.\nNot revoked: key_unknown (`);
  });

  test('--wait shows since when the revocation is in force on each instance', async () => {
    const { id } = await create();
    const { stdout } = await latchkey('revoke', id, '--yes', '--wait');
    expect(stdout).toMatch(/^In force on ins_\w+ since \d{4}-\d\d-\d\dT[\d:.]+Z\.$/m);
  });

  test('exits with 4 if none of the keys exists', async () => {
    expect((await latchkey('revoke', 'key_a', 'key_b', '--yes')).exitCode).toBe(4);
  });
});

test('keys that the key created stay valid without --cascade', async () => {
  const parent = await create();
  const child = await create({ ...service.env, LATCHKEY_KEY: parent.key });
  expect((await latchkey('revoke', parent.id, '--yes')).stdout).toContain('One key that it made lives on');
  expect(await statusOf(child.id)).toBe('active');
  await latchkey('revoke', parent.id, '--yes', '--cascade');
  expect(await statusOf(child.id)).toBe('revoked');
});

describe('--cascade', () => {
  /** A key, a key that it created, and a key that the second one created. */
  async function family() {
    const parent = await create();
    const child = await create({ ...service.env, LATCHKEY_KEY: parent.key });
    const grandchild = await create({ ...service.env, LATCHKEY_KEY: child.key });
    return { parent, child, grandchild };
  }

  test('asks with the number of derived keys, including those below a revoked key', async () => {
    const { parent, child } = await family();
    const ask = async () => {
      const args = ['keys', 'revoke', parent.id, '--cascade'];
      return (
        await runCli(args, {
          env: { ...service.env, NO_COLOR: '1', TERM: 'dumb' },
          stdin: 'n\n',
          columns: 80,
        })
      ).stderr;
    };
    expect(await ask()).toContain('and the 2 keys made with it permanently? [y/N]');
    await latchkey('revoke', child.id, '--yes');
    expect(await ask()).toContain('and the 1 key made with it permanently? [y/N]');
  });

  test('names the derived keys that were revoked, by id, name and hint', async () => {
    const { parent, child, grandchild } = await family();
    const { stdout } = await latchkey('revoke', parent.id, '--cascade', '--yes');
    for (const { id, key } of [child, grandchild])
      expect(stdout).toContain(`Also revoked: ${id} ("Test key", lk_live_…${key.slice(-4)}).\n`);
  });
});
