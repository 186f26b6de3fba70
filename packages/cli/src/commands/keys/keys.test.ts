import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiKeyBody } from '@latchkey/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LiveService, startLiveService } from '../../../test/harness/live-service.ts';
import { runCli } from '../../../test/harness/run-cli.ts';
import { temporaryFolder } from '../../../test/harness/temporary-folder.ts';

let service: LiveService;
beforeAll(async () => {
  service = await startLiveService();
});
afterAll(() => service.close());

const latchkey = (...args: string[]) => runCli(['keys', ...args], { env: service.env });

async function json(...args: string[]) {
  const { stdout, stderr } = await latchkey(...args, '--json');
  expect(stdout, stderr).toMatch(/^.+\n$/);
  return JSON.parse(stdout);
}

async function create(...args: string[]): Promise<{ apiKey: ApiKeyBody; key: string }> {
  return json('create', '--name', 'Test key', ...args);
}

describe('keys create', () => {
  test('creates a key of the caller, shows its secret and warns that it is shown once', async () => {
    const { exitCode, stdout, stderr } = await latchkey('create', '--name', 'Billing worker');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^key +lk_live_[0-9A-Za-z]{49}$/m);
    expect(stdout.match(/lk_live_/g)).toHaveLength(1);
    expect(stdout).toMatch(/^owner +Owner <owner@example.com>/m);
    expect(stderr).toContain('warning: this is the only time the key is shown; store it now');
  });

  test('without --permissions it prints how many permissions the key got, and that it never expires', async () => {
    const { stderr } = await latchkey('create', '--name', 'Broad');
    expect(stderr).toContain(
      'warning: no --permissions were given, so the key holds all 101 that you may grant, and it never expires\n',
    );
    const narrow = await latchkey('create', '--name', 'Narrow', '--permissions', 'calls:read');
    expect(narrow.stderr).not.toContain('--permissions');
  });

  test('--use verify creates a key without permissions that may only verify keys', async () => {
    const { stdout, stderr } = await latchkey('create', '--name', 'Gateway', '--use', 'verify');
    expect(stdout).toMatch(/^use +verify: only to verify keys$/m);
    expect(stdout).toMatch(/^permissions +none$/m);
    expect(stderr).not.toContain('--permissions');
    const both = await latchkey('create', '--name', 'x', '--use', 'verify', '--permissions', 'calls:read');
    expect([both.exitCode, both.stderr]).toEqual([2, expect.stringContaining('cannot be used with')]);
  });

  test('--json prints the result of the API and nothing else', async () => {
    const { apiKey, key, ...others } = await create();
    expect(apiKey).toMatchObject({ name: 'Test key', userId: service.userId, key });
    expect(others).toEqual({});
  });

  test('sends limits, permissions and expiry', async () => {
    const limits = ['--per-minute', '60', '--per-day', '1000', '--expires-at', '2099-01-01'];
    const { apiKey } = await create(
      '--permissions',
      'calls:read, agents:read',
      '--permissions',
      'kb:read',
      ...limits,
    );
    expect(apiKey).toMatchObject({
      permissions: ['agents:read', 'calls:read', 'kb:read'],
      rateLimit: { requestsPerMinute: 60, requestsPerDay: 1_000 },
      expiresAt: '2099-01-01T00:00:00.000Z',
    });
  });

  test('--no-permissions makes a key with none', async () => {
    expect((await create('--no-permissions')).apiKey.permissions).toEqual([]);
  });

  test('--expires-in counts from now', async () => {
    const { apiKey } = await create('--expires-in', '2h');
    const hours = (Date.parse(String(apiKey.expiresAt)) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(1.9);
    expect(hours).toBeLessThanOrEqual(2);
  });

  test('an error of the service is printed with its details, and exits with 1', async () => {
    const { exitCode, stdout, stderr } = await latchkey(
      'create',
      '--name',
      'x',
      '--expires-at',
      '2001-01-01',
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(
      /^error: expiresAt must be in the future\n {2}expiresAt is 2001.+\n {2}request req_/,
    );
  });

  test('--secret-file keeps the secret off the screen', async () => {
    const path = join(temporaryFolder(), 'secret');
    const { stdout, stderr } = await latchkey('create', '--name', 'x', '--json', '--secret-file', path);
    const secret = readFileSync(path, 'utf8').trim();
    expect(secret).toMatch(/^lk_live_[0-9A-Za-z]{49}$/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(stdout + stderr).not.toContain(secret);
    expect(JSON.parse(stdout).apiKey.key).toBe(`lk_live_…${secret.slice(-4)}`);
  });

  test('no key is created if the secret file cannot be created', async () => {
    const path = join(temporaryFolder(), 'secret');
    writeFileSync(path, 'precious');
    const { exitCode, stderr } = await latchkey('create', '--name', 'Never made', '--secret-file', path);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('already exists, so nothing was done');
    expect((await json('list', '--search', 'Never made')).apiKeys).toEqual([]);
  });

  test('no secret file remains if no key was created', async () => {
    const path = join(temporaryFolder(), 'secret');
    expect((await latchkey('create', '--name', ' ', '--secret-file', path)).exitCode).toBe(1);
    expect(existsSync(path)).toBe(false);
  });
});

describe('keys list', () => {
  test('prints a message for an empty list', async () => {
    expect(await latchkey('list', '--search', 'no such name')).toEqual({
      exitCode: 0,
      stdout: 'No keys.\n',
      stderr: '',
    });
  });

  test('sends filters and order', async () => {
    await create('--permissions', 'kb:sync');
    const { apiKeys } = await json(
      'list',
      '--permission',
      'kb:sync',
      '--status',
      'active',
      '--sort-by',
      'name',
      '--limit',
      '1',
    );
    expect(apiKeys).toHaveLength(1);
    expect(apiKeys[0].permissions).toContain('kb:sync');
  });

  test('fits the terminal and drops the least important columns', async () => {
    await json('create', '--name', 'A name that is a good deal longer than the screen has room for');
    const { stdout } = await runCli(['keys', 'list'], {
      env: { ...service.env, NO_COLOR: '1' },
      columns: 70,
    });
    const [title, ...rows] = stdout.trimEnd().split('\n');
    expect(title).toMatch(/^ID +NAME +STATUS/);
    expect(title).not.toContain('CREATED');
    expect(rows.every((row) => row.length <= 70)).toBe(true);
    expect(stdout).toContain('…');
  });

  test('shows everything on a terminal of unknown width', async () => {
    const { stdout } = await runCli(['keys', 'list'], { env: { ...service.env, NO_COLOR: '1' }, columns: 0 });
    expect(stdout).toMatch(/^ID +NAME .* CREATED$/m);
  });

  test('prints how to see the next page, and --all shows all pages', async () => {
    await create();
    const { stdout, stderr } = await latchkey('list', '--limit', '1');
    expect(stdout.trimEnd().split('\n')).toHaveLength(2);
    expect(stderr).toMatch(/^1 of \d+ keys; see more with --offset 1, or all with --all\n/);
    const { apiKeys, pagination } = await json('list', '--all');
    expect(pagination).toMatchObject({ total: apiKeys.length, hasNext: false });
    expect(apiKeys.length).toBeGreaterThan(1);
  });
});

describe('finding a key', () => {
  test('the column with the hint fits on a screen of 80 columns', async () => {
    const { key } = await create('--expires-in', '90d');
    const { stdout } = await runCli(['keys', 'list'], {
      env: { ...service.env, NO_COLOR: '1' },
      columns: 80,
    });
    expect(stdout).toContain(`lk_live_…${key.slice(-4)}`);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('its text on standard input finds it, even if it is revoked, and uses no quota', async () => {
    const { apiKey, key } = await create('--per-day', '9');
    const find = () => runCli(['keys', 'find', '--json'], { env: service.env, stdin: `${key}\n` });
    expect(JSON.parse((await find()).stdout).apiKeys).toMatchObject([{ id: apiKey.id, status: 'active' }]);
    expect((await latchkey('explain', apiKey.id)).stdout).toContain('9 of 9 are left');
    await latchkey('revoke', apiKey.id, '--yes');
    expect(JSON.parse((await find()).stdout).apiKeys).toMatchObject([{ id: apiKey.id, status: 'revoked' }]);
  });

  test.each(['--last-four', '--hint'])('%s finds it, active or revoked', async (option) => {
    const { apiKey, key } = await create();
    const end = option === '--hint' ? `lk_live_...${key.slice(-4)}` : key.slice(-4);
    for (const status of ['active', 'revoked']) {
      const { apiKeys } = await json('find', option, end);
      expect(apiKeys).toContainEqual(expect.objectContaining({ id: apiKey.id, status }));
      await latchkey('revoke', apiKey.id, '--yes');
    }
  });

  test('list --search also matches the last four characters', async () => {
    const { apiKey, key } = await create();
    expect((await latchkey('list', '--search', key.slice(-4))).stdout).toContain(apiKey.id);
  });

  test('an unknown key: exit code 4', async () => {
    const text = await runCli(['keys', 'find'], { env: service.env, stdin: `lk_live_${'x'.repeat(49)}` });
    expect(text).toMatchObject({ exitCode: 4, stdout: 'No key.\n' });
    expect(await latchkey('find', '--last-four', '0000')).toMatchObject({ exitCode: 4, stdout: 'No key.\n' });
  });

  test('a list without a status prints how many revoked keys it omits', async () => {
    const name = 'Shown once';
    const made = await json('create', '--name', name, '--no-permissions');
    expect((await latchkey('list', '--search', name)).stderr).toBe('');
    await latchkey('revoke', made.apiKey.id, '--yes');
    expect(await latchkey('list', '--search', name)).toMatchObject({
      stdout: 'No keys.\n',
      stderr: '1 revoked key not shown; see them with --status revoked\n',
    });
  });
});

test('keys verify checks the key on standard input: exit code 0, or 1 with the reason', async () => {
  const { key } = await create('--permissions', 'calls:read', '--per-day', '9');
  const verify = (...args: string[]) => runCli(['keys', 'verify', ...args], { env: service.env, stdin: key });
  const valid = await verify('--permissions', 'calls:read', '--cost', '4');
  expect(valid).toMatchObject({ exitCode: 0, stderr: '' });
  expect(valid.stdout).toMatch(/^valid +yes$/m);
  expect(valid.stdout).toMatch(/^left today +5$/m);
  const denied = await verify('--permissions', 'calls:delete');
  expect(denied).toMatchObject({ exitCode: 1, stderr: '' });
  expect(denied.stdout).toMatch(/^valid +no \(PERMISSION_DENIED\)\nmissing +calls:delete$/m);
});

test('keys usage prints how late its counts can be', async () => {
  const { apiKey } = await create();
  expect((await latchkey('usage', apiKey.id)).stderr).toBe(
    'Counts are written every ten seconds; on a busy service they can be up to a minute late.\n',
  );
});

describe('keys show, update and rotate', () => {
  test('show prints everything except the secret', async () => {
    const { apiKey, key } = await create('--permissions', 'agents:read,agents:write', '--per-day', '5');
    const { stdout } = await latchkey('show', apiKey.id);
    expect(stdout).toMatch(/^permissions +agents: read, write$/m);
    expect(stdout).toMatch(/^per day +5$/m);
    expect(stdout).not.toContain(key);
    expect(await json('show', apiKey.id)).toMatchObject({ apiKey: { id: apiKey.id } });
  });

  test('an unknown key exits with 4', async () => {
    const { exitCode, stderr } = await latchkey('show', 'key_unknown', '--json');
    expect(exitCode).toBe(4);
    expect(JSON.parse(stderr).error.code).toBe('NOT_FOUND');
  });

  test('update changes only the given fields', async () => {
    const { apiKey } = await create('--per-minute', '5', '--per-day', '50', '--expires-in', '1d');
    const changed = await json('update', apiKey.id, '--disable', '--per-minute', 'none', '--no-expiry');
    expect(changed.apiKey).toMatchObject({
      name: 'Test key',
      status: 'disabled',
      expiresAt: null,
      rateLimit: { requestsPerMinute: null, requestsPerDay: 50 },
    });
    expect((await json('update', apiKey.id, '--enable', '--name', 'New')).apiKey).toMatchObject({
      name: 'New',
      status: 'active',
    });
  });

  test('rotate shows the new secret, and --overlap 0 ends the old one', async () => {
    const { apiKey, key } = await create();
    const rotated = await json('rotate', apiKey.id, '--overlap', '0');
    expect(rotated.key).toMatch(/^lk_live_/);
    const check = (secret: string) =>
      runCli(['keys', 'check'], { env: { ...service.env, LATCHKEY_KEY: secret } });
    expect((await check(key)).exitCode).toBe(1);
    expect((await check(rotated.key)).exitCode).toBe(0);
  });
});

describe('keys usage and explain', () => {
  async function usedUp(...args: string[]): Promise<ApiKeyBody> {
    const { apiKey, key } = await create('--per-minute', '2', ...args);
    const env = { ...service.env, LATCHKEY_KEY: key };
    for (let call = 0; call < 2; call++) await runCli(['keys', 'check'], { env });
    return apiKey;
  }

  test('usage shows a line for each span, including empty spans, and a total', async () => {
    const { id } = (await create()).apiKey;
    const { exitCode, stdout } = await latchkey('usage', id);
    expect(exitCode).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^FROM +ALLOWED +DENIED/);
    expect(lines).toHaveLength(1 + 24 + 1);
    expect(lines.at(-1)).toBe('0 allowed, 0 denied');
    expect((await json('usage', id, '--granularity', 'minute')).usage).toHaveLength(60);
  });

  test('usage prints an error of the service', async () => {
    const { id } = (await create()).apiKey;
    const { exitCode, stderr } = await latchkey('usage', id, '--from', '1999-01-01');
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('at most 1500')]);
  });

  test('explain shows the result of each check and uses no quota', async () => {
    const { id } = await usedUp('--permissions', 'calls:read');
    const { exitCode, stdout } = await latchkey('explain', id, '--permissions', 'calls:read,calls:write');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^expired +ok +It never expires$/m);
    expect(stdout).toMatch(/^permission +PERMISSION_DENIED +It does not hold calls:write$/m);
    expect(stdout).toMatch(/^minute +no +0 of 2 are left$/m);
    const { explanation, refusals } = await json('explain', id, '--cost', '0');
    expect([explanation.valid, explanation.missing, refusals]).toEqual([true, [], []]);
  });
});

describe('keys check', () => {
  test('a valid key: exit code 0 and the result of the API', async () => {
    const { key } = await create('--per-minute', '9');
    const ran = await runCli(['keys', 'check', '--json'], { env: { ...service.env, LATCHKEY_KEY: key } });
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(ran.stdout)).toMatchObject({ valid: true, rateLimit: { requestsPerMinute: 9 } });
  });

  test('missing permissions: exit code 1 and their names', async () => {
    const { key } = await create('--permissions', 'calls:read');
    const env = { ...service.env, LATCHKEY_KEY: key };
    expect(await runCli(['keys', 'check', '--permissions', 'calls:read'], { env })).toMatchObject({
      exitCode: 0,
    });
    const denied = await runCli(['keys', 'check', '--permissions', 'calls:read,calls:delete'], { env });
    expect(denied).toMatchObject({ exitCode: 1, stderr: '' });
    expect(denied.stdout).toContain('calls:delete');
  });

  test.each([
    ['disabled', 'KEY_DISABLED', (id: string) => latchkey('update', id, '--disable')],
    ['revoked', 'KEY_REVOKED', (id: string) => latchkey('revoke', id, '--yes')],
  ])('a %s key: exit code 1 and the verdict on standard output', async (_, code, end) => {
    const { apiKey, key } = await create();
    expect((await end(apiKey.id)).exitCode).toBe(0);
    const env = { ...service.env, LATCHKEY_KEY: key };
    const ran = await runCli(['keys', 'check', '--json'], { env });
    expect(ran).toMatchObject({ exitCode: 1, stderr: '' });
    expect(JSON.parse(ran.stdout)).toEqual({ valid: false, code, message: expect.any(String) });
    expect((await runCli(['keys', 'check'], { env })).stdout).toContain(`(${code})`);
  });
});

test('permissions lists the catalogue by resource', async () => {
  const { stdout } = await runCli(['permissions'], { env: service.env });
  expect(stdout).toMatch(/^agents +read, write, delete, sync, test$/m);
  const { stdout: text } = await runCli(['permissions', '--json'], { env: service.env });
  expect(JSON.parse(text).permissions[0]).toEqual({
    id: 'agents:read',
    resource: 'agents',
    action: 'read',
    title: 'Agents: read',
  });
});
