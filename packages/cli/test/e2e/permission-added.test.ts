import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEMANDED_PERMISSIONS } from '@latchkey/contract';
import { expect, test } from 'vitest';
import { signIn } from '../harness/sign-in.ts';
import { runSpawned, spawnCli } from '../harness/spawn-cli.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';

const README = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8');
const COMMAND = /^npm run --silent latchkey -- (.+)$/gm;

/** The commands of the README for a permission that was added after the first start, with our folder in place of its own. */
function commands(folder: string): string[][] {
  const [, block = ''] =
    /A permission that you add after the first start.*?```sh\n(.*?)```/s.exec(README) ?? [];
  return [...block.matchAll(COMMAND)].map(([, args = '']) =>
    [...args.matchAll(/"[^"]*"|\S+/g)].map(([argument]) =>
      argument
        .replaceAll('"', '')
        .replace('./data', join(folder, 'data'))
        .replace('owner.key', join(folder, 'owner.key')),
    ),
  );
}

test('a permission that the operator adds after the first start is granted as the README says', async () => {
  const folder = temporaryFolder();
  const permissionsFile = join(folder, 'permissions.json');
  const env = { LATCHKEY_PERMISSIONS_FILE: permissionsFile };
  const serve = () => spawnCli(['serve', '--init', '--data-dir', join(folder, 'data'), '--port', '0'], env);
  writeFileSync(permissionsFile, JSON.stringify(DEMANDED_PERMISSIONS));
  const first = serve();
  await first.url();
  const [oldKey = ''] = /lk_live_\w+/.exec(first.stdout) ?? [];
  first.process.kill('SIGTERM');
  expect(await first.exited).toBe(0);

  writeFileSync(permissionsFile, JSON.stringify([...DEMANDED_PERMISSIONS, 'invoices:read']));
  const url = await serve().url();
  const at = { LATCHKEY_URL: url, LATCHKEY_KEY: oldKey };
  const [signInCommand = [], recoverCommand = [], createCommand = []] = commands(folder);
  expect(
    (
      await runSpawned(
        createCommand.filter((_, at) => at !== 2 && at !== 3),
        at,
      )
    ).stderr,
  ).toContain('invoices:read');

  const link = await runSpawned(signInCommand, at);
  const call = await signIn(url, link.stdout.trim());
  const { caller } = (await call('GET', '/me')).result;
  expect(caller.permissions).toContain('invoices:read');
  const body = { name: 'Invoices', userId: caller.userId, permissions: ['invoices:read'] };
  expect((await call('POST', '/api-keys', body)).result.apiKey.permissions).toEqual(['invoices:read']);

  expect(await runSpawned(recoverCommand, at)).toMatchObject({ exitCode: 0 });
  const made = await runSpawned([...createCommand, '--json'], at);
  expect(made.exitCode, made.stderr).toBe(0);
  expect(JSON.parse(made.stdout).apiKey.permissions).toEqual(['invoices:read']);
});
