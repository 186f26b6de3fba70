import { join } from 'node:path';
import { loadConfig, startService } from '@latchkey/server';
import { expect, test } from 'vitest';
import { runCli } from '../../../test/harness/run-cli.ts';
import { temporaryFolder } from '../../../test/harness/temporary-folder.ts';

test('demo makes a service with 200 keys in every state, 12 people and 30 days of usage, in a new folder only', async () => {
  const dataDir = join(temporaryFolder(), 'demo');
  const { stdout, stderr, exitCode } = await runCli(['demo', '--data-dir', dataDir], { env: {} });
  expect(exitCode, stderr).toBe(0);
  expect(stderr).toContain(`latchkey serve --data-dir ${dataDir}`);
  const [key = '', workspaceId = ''] = [/lk_live_\w+/, /ws_\w+/].map((form) => form.exec(stdout)?.[0]);
  const again = await runCli(['demo', '--data-dir', dataDir], { env: {} });
  expect(again.exitCode).toBe(1);
  expect(again.stderr).toContain('needs a new data folder; nothing was changed');

  const config = loadConfig({}, { dataDir, port: '0', logLevel: 'silent' });
  const service = await startService(config);
  const get = async (path: string) => {
    const response = await fetch(`${service.url}/api/v2${path}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    // biome-ignore lint/suspicious/noExplicitAny: the contract tests check the shape of each answer
    const { data }: any = await response.json();
    return data.result;
  };
  const total = async (query: string) => (await get(`/api-keys?limit=1&${query}`)).pagination.total;
  expect(await total('')).toBe(200);
  for (const status of ['disabled', 'expired', 'revoked'])
    expect(await total(`status=${status}`), status).toBeGreaterThan(5);
  expect(await total('exceedsOwner=true')).toBeGreaterThan(0);
  expect((await get(`/workspaces/${workspaceId}/members`)).members).toHaveLength(12);
  expect((await get('/workspaces/logs?limit=1')).pagination.total).toBeGreaterThan(200);
  const { usage, denials } = await get('/workspaces/usage?granularity=day');
  expect(usage).toHaveLength(30);
  for (const { allowed } of usage.slice(0, -1)) expect(allowed).toBeGreaterThan(0);
  expect(denials.length).toBeGreaterThan(0);
  const rotated = (await get('/workspaces/logs?eventType=api-key.rotated&limit=10')).logs;
  const shown = await Promise.all(
    rotated.map(({ metadata }: { metadata: { target: { id: string } } }) =>
      get(`/api-keys/${metadata.target.id}`),
    ),
  );
  const shares = shown.flatMap(({ apiKey }: { apiKey: { secrets: unknown[] } }) => apiKey.secrets.slice(1));
  expect(shares.length).toBeGreaterThan(0);
  await service.close();
});
