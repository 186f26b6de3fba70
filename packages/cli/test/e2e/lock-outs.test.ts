import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEMANDED_PERMISSIONS } from '@latchkey/contract';
import { Latchkey } from '@latchkey/sdk';
import { beforeEach, describe, expect, test } from 'vitest';
import { DataFolder, type Owner } from '../harness/data-folder.ts';
import { runCli } from '../harness/run-cli.ts';
import { signIn } from '../harness/sign-in.ts';
import { runSpawned, type SpawnedCli, spawnCli } from '../harness/spawn-cli.ts';

/** A service on this machine whose owner has one key. */
let dataDir: string;
let service: SpawnedCli;
let url: string;
let owner: Owner;

async function serve(env: NodeJS.ProcessEnv = {}): Promise<void> {
  service = spawnCli(['serve', '--data-dir', dataDir, '--port', '0'], env);
  url = await service.url();
}

async function stop(): Promise<void> {
  service.process.kill('SIGTERM');
  expect(await service.exited).toBe(0);
}

beforeEach(async () => {
  const data = await DataFolder.init();
  dataDir = data.path;
  owner = data.owner;
});

const client = (key = owner.key) => new Latchkey({ url, key });

async function works(key = owner.key): Promise<boolean> {
  return client(key)
    .keys.check()
    .then(
      () => true,
      () => false,
    );
}

const keyIdOf = async (key = owner.key) => (await client(key).me()).caller.keyId ?? '';

const latchkey = (args: readonly string[], key?: string) =>
  runCli(args, { env: { LATCHKEY_URL: url, ...(key !== undefined && { LATCHKEY_KEY: key }) } });

/** `latchkey recover` on the host, and the key that it prints. */
async function recover(...args: string[]): Promise<{ key: string; userId: string }> {
  const ran = await runSpawned(['recover', '--json', '--data-dir', dataDir, ...args]);
  expect(ran.exitCode, ran.stderr).toBe(0);
  return JSON.parse(ran.stdout);
}

describe('every way to lock oneself out has a way back', () => {
  test('the last key is disabled: recover gives a key, which enables the old one', async () => {
    await serve();
    const id = await keyIdOf();
    const denied = await latchkey(['keys', 'update', id, '--disable'], owner.key);
    expect(denied.exitCode).toBe(1);
    expect(denied.stderr).toMatch(
      /^error: No active key with api-keys:write would be left.*\n.*\nhint: add --force /,
    );
    expect((await latchkey(['keys', 'update', id, '--disable', '--force'], owner.key)).exitCode).toBe(0);
    expect(await works()).toBe(false);
    const { key } = await recover();
    expect((await latchkey(['keys', 'update', id, '--enable'], key)).exitCode).toBe(0);
    expect(await works()).toBe(true);
  });

  test('the last key is revoked: recover gives a key that can make others', async () => {
    await serve();
    const revoke = ['keys', 'revoke', await keyIdOf(), '--yes'];
    const denied = await latchkey(revoke, owner.key);
    expect(denied.stderr).toContain('hint: add --force');
    expect(await works()).toBe(true);
    expect((await latchkey([...revoke, '--force'], owner.key)).exitCode).toBe(0);
    expect(await works()).toBe(false);
    const { key } = await recover();
    expect((await latchkey(['keys', 'create', '--name', 'Next'], key)).exitCode).toBe(0);
  });

  test('the key is lost: recover gives a key, also while the service is stopped, and it ends the lost one', async () => {
    const { key } = await recover();
    await serve();
    const lost = await keyIdOf();
    expect((await latchkey(['keys', 'revoke', lost, '--yes'], key)).exitCode).toBe(0);
    expect([await works(), await works(key)]).toEqual([false, true]);
  });

  test('the last key has expired: recover gives a key without an end', async () => {
    await serve();
    const expiresAt = new Date(Date.now() + 1_500).toISOString();
    await client().keys.update(await keyIdOf(), { expiresAt, force: true });
    await expect.poll(() => works(), { timeout: 20_000 }).toBe(false);
    const { key } = await recover();
    const { apiKey } = await client(key).keys.get(await keyIdOf(key));
    expect(apiKey.expiresAt).toBeNull();
  });

  test('the pepper is gone: every command names the file, and the restored file brings all back', async () => {
    const pepper = join(dataDir, 'pepper');
    const before = readFileSync(pepper, 'utf8');
    renameSync(pepper, `${pepper}.elsewhere`);
    for (const command of [['serve', '--port', '0'], ['recover']]) {
      const { exitCode, stderr } = await runSpawned([...command, '--data-dir', dataDir]);
      expect([exitCode, stderr]).toEqual([
        1,
        expect.stringContaining(`the pepper file ${pepper} is missing`),
      ]);
    }
    renameSync(`${pepper}.elsewhere`, pepper);
    expect(readFileSync(pepper, 'utf8')).toBe(before);
    await serve();
    expect(await works()).toBe(true);
  });

  test('an owner is suspended by another one, whose key is lost: recover brings either back', async () => {
    await serve();
    const { workspaceId } = owner;
    const { roles } = await client().roles.list(workspaceId);
    const roleId = roles.find(({ name }) => name === 'Owner')?.id ?? '';
    const { invitation } = await client().invitations.create({ email: 'second@example.com', roleId });
    const accepted = await fetch(`${url}/api/v2/workspaces/invitations/accept`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Origin: url },
      body: JSON.stringify({ token: invitation.token }),
    });
    const { data } = (await accepted.json()) as { data: { result: { member: { userId: string } } } };
    const { userId: second } = data.result.member;
    const link = await latchkey(['sign-in', '--data-dir', dataDir, '--user', second]);
    const call = await signIn(url, link.stdout.trim());
    const path = `/workspaces/${workspaceId}/members/${owner.userId}`;
    expect((await call('PUT', path, { status: 'suspended' })).code).toBe('LAST_MANAGING_KEY');
    expect((await call('PUT', path, { status: 'suspended', force: true })).status).toBe(200);
    expect(await works()).toBe(false);
    expect((await recover()).userId).toBe(second);
    const back = await recover('--user', owner.userId);
    expect(back.userId).toBe(owner.userId);
    expect([await works(), await works(back.key)]).toEqual([true, true]);
  });

  test('a permission of the operator was added: no key holds it, and an owner in person does', async () => {
    const file = join(dataDir, '..', 'permissions.json');
    writeFileSync(file, JSON.stringify([...DEMANDED_PERMISSIONS, 'invoices:read']));
    await serve({ LATCHKEY_PERMISSIONS_FILE: file });
    await expect(client().keys.check({ permissions: ['invoices:read'] })).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    const denied = await latchkey(['sign-in'], owner.key);
    expect(denied.stderr).toMatch(/^error: .*\n.*\nhint: .*latchkey sign-in --data-dir .*\n$/);
    const link = await latchkey(['sign-in', '--data-dir', dataDir]);
    const call = await signIn(url, link.stdout.trim());
    const body = { name: 'n', userId: owner.userId, permissions: ['invoices:read'] };
    expect((await call('POST', '/api-keys', body)).result.apiKey.permissions).toEqual(['invoices:read']);
    const { key } = await recover();
    await client(key).keys.check({ permissions: ['invoices:read'] });
    await stop();
  });
});
