import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DEMANDED_PERMISSIONS } from '@latchkey/contract';
import { describe, expect, test } from 'vitest';
import { runSpawned, spawnCli } from '../harness/spawn-cli.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';

const run = promisify(execFile);

interface Installation {
  readonly dataDir: string;
  /** Sets the path of the permissions file, which need not exist yet. */
  readonly env: NodeJS.ProcessEnv;
  write(content: unknown): void;
}

function newInstallation(): Installation {
  const folder = temporaryFolder();
  const file = join(folder, 'permissions.json');
  return {
    dataDir: join(folder, 'data'),
    env: { LATCHKEY_PERMISSIONS_FILE: file },
    write: (content) => writeFileSync(file, JSON.stringify(content)),
  };
}

const serveArgs = ({ dataDir }: Installation) => ['serve', '--init', '--data-dir', dataDir, '--port', '0'];

async function stop(service: ReturnType<typeof spawnCli>): Promise<void> {
  service.process.kill('SIGTERM');
  expect(await service.exited).toBe(0);
}

test("with the operator's file: its permissions are the service's, and what leaves it is gone for good", async () => {
  const installation = newInstallation();
  const { dataDir, env } = installation;
  installation.write([...DEMANDED_PERMISSIONS, 'invoices:read', { id: 'invoices:void', title: 'Void' }]);
  const first = spawnCli(serveArgs(installation), env);
  const url = await first.url();
  const key = String(/lk_live_\w+/.exec(first.stdout)?.[0]);
  const latchkey = (...args: string[]) => runSpawned([...args, '--json'], { LATCHKEY_KEY: key, ...at });
  let at = { LATCHKEY_URL: url };

  const listed = JSON.parse((await latchkey('permissions')).stdout);
  expect(listed.permissions.map(({ id }: { id: string }) => id)).toEqual([
    ...DEMANDED_PERMISSIONS,
    'invoices:read',
    'invoices:void',
  ]);
  const create = (permissions: string) =>
    latchkey('keys', 'create', '--name', 'n', '--permissions', permissions);
  const made = JSON.parse((await create('invoices:void,invoices:read')).stdout);
  expect(made.apiKey.permissions).toEqual(['invoices:read', 'invoices:void']);
  expect((await create('calls:read')).stderr).toContain('must be one of the listed values');
  await stop(first);

  installation.write([...DEMANDED_PERMISSIONS, 'invoices:read']);
  const diagnosis = await runSpawned(['doctor', '--data-dir', dataDir], env);
  expect(diagnosis).toMatchObject({ exitCode: 0 });
  expect(diagnosis.stdout).toContain('invoices:void (keys: 2, own roles: 0). The next start retires them');
  const second = spawnCli(serveArgs(installation), env);
  at = { LATCHKEY_URL: await second.url() };
  expect(second.stderr).toMatch(
    /"lost":\[\{"permission":"invoices:void","keys":2,"roles":0\}\].*are retired/,
  );
  const shown = JSON.parse((await latchkey('keys', 'show', made.apiKey.id)).stdout);
  expect(shown.apiKey.permissions).toEqual(['invoices:read']);
  await stop(second);

  const withoutFile = await runSpawned(serveArgs(installation));
  expect(withoutFile).toMatchObject({ exitCode: 1, stdout: '' });
  expect(withoutFile.stderr).toMatch(
    /^error: the database uses permissions that are not built in: invoices:read\. Set .*\n$/,
  );
});

test('the starter list is a permissions file: a service starts with that very list, and its first call works', async () => {
  const starter = await runSpawned(['permissions', 'starter']);
  expect(starter).toMatchObject({ exitCode: 0, stderr: '' });
  const installation = newInstallation();
  installation.write(JSON.parse(starter.stdout));
  const service = spawnCli(serveArgs(installation), installation.env);
  const env = {
    LATCHKEY_URL: await service.url(),
    LATCHKEY_KEY: String(/lk_live_\w+/.exec(service.stdout)?.[0]),
  };
  const { permissions } = JSON.parse((await runSpawned(['permissions', '--json'], env)).stdout);
  expect(permissions.map(({ id }: { id: string }) => id)).toEqual([
    ...DEMANDED_PERMISSIONS,
    'invoices:read',
    'invoices:write',
    'reports:read',
  ]);
  const call = service.stdout.slice(service.stdout.indexOf('curl '));
  const answer = JSON.parse((await run('bash', ['-c', call])).stdout);
  expect(answer.data.result.apiKey.permissions).toEqual(['invoices:read']);
  await stop(service);
});

describe('a file that cannot be used ends every command that needs it, at once, with one line', () => {
  test.each([['serve', '--init', '--port', '0'], ['init']])('%s', async (...args) => {
    const installation = newInstallation();
    installation.write([...DEMANDED_PERMISSIONS, 'Invoices']);
    const { exitCode, stdout, stderr } = await runSpawned(
      [...args, '--data-dir', installation.dataDir],
      installation.env,
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(
      /^error: the permissions file .* cannot be used: entry \d+, "Invoices", must be .*\n$/,
    );
  });

  test('doctor names it among its findings', async () => {
    const installation = newInstallation();
    installation.write([...DEMANDED_PERMISSIONS]);
    const { dataDir, env } = installation;
    expect(await runSpawned(['init', '--data-dir', dataDir], env)).toMatchObject({ exitCode: 0 });
    expect((await runSpawned(['doctor', '--data-dir', dataDir], env)).stdout).toMatch(
      /✓ permissions: \d+, from .*permissions\.json\n/,
    );
    installation.write({});
    const { exitCode, stdout } = await runSpawned(['doctor', '--data-dir', dataDir], env);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/✗ permissions: the permissions file .* cannot be used: it must hold a list/);
  });
});
