import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../test/harness/temporary-folder.ts';
import { SecretFile } from './secret-file.ts';

test('only its owner can read it, whatever the umask', async () => {
  const path = join(temporaryFolder(), 'secret');
  const umask = process.umask(0);
  const file = await SecretFile.reserve(path).finally(() => process.umask(umask));
  await file.save('lk_live_x');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, 'utf8')).toBe('lk_live_x\n');
});

test('it never replaces an existing file', async () => {
  const path = join(temporaryFolder(), 'secret');
  writeFileSync(path, 'precious');
  await expect(SecretFile.reserve(path)).rejects.toThrow(`${path} already exists`);
  expect(readFileSync(path, 'utf8')).toBe('precious');
});

test('a missing folder is an error and is not created', async () => {
  const path = join(temporaryFolder(), 'no', 'secret');
  await expect(SecretFile.reserve(path)).rejects.toThrow(`${path} cannot be written (ENOENT)`);
});

test('discard deletes the empty file', async () => {
  const path = join(temporaryFolder(), 'secret');
  await (await SecretFile.reserve(path)).abandon();
  expect(existsSync(path)).toBe(false);
});
