import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { DataFolder } from '../harness/data-folder.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';

const SOON = { timeout: 30_000 };
const NAME = /^latchkey-\d{4}-\d\d-\d\dT\d{6}Z\.db$/;

test('a start makes the daily backup that is due, and doctor warns of a late one', async () => {
  const data = await DataFolder.init();
  const folder = join(temporaryFolder(), 'backups');
  const env = { LATCHKEY_BACKUP_DIR: folder };
  const service = await data.serve([], env);
  await vi.waitFor(() => expect(readdirSync(folder)).toEqual([expect.stringMatching(NAME)]), SOON);
  expect(await service.stop()).toBe(0);
  const [name = ''] = readdirSync(folder);
  renameSync(join(folder, name), join(folder, 'latchkey-2020-01-31T000000Z.db'));
  expect(await data.runWith(env, 'doctor')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining(`! backups: the newest in ${folder} is of 2020-01-31T00:00:00.000Z`),
  });
});

test('a daily backup that fails is logged as an error, and the service goes on', async () => {
  const data = await DataFolder.init();
  const folder = temporaryFolder();
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  const service = await data.serve([], { LATCHKEY_BACKUP_DIR: file });
  await vi.waitFor(() => expect(service.log()).toMatch(/"level":50.*"job":"back up".*job failed/), SOON);
  expect(await service.alive([data.ownerKey])).toEqual([data.ownerKey]);
});
