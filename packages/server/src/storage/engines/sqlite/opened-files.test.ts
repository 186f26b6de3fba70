import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DatabaseDisplaced } from '../engine.ts';
import { OpenedFiles } from './opened-files.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-'));
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

test.each<[string, (path: string, other: string) => void]>([
  ['removed', (path) => rmSync(path)],
  ['replaced', (path, other) => renameSync(other, path)],
])('a file that was %s is noticed within a second, also if nothing is changed', async (_, displace) => {
  const [path, other] = [join(folder, 'latchkey.db'), join(folder, 'other')];
  for (const file of [path, other]) writeFileSync(file, '');
  const files = new OpenedFiles([path]);
  const noticed = vi.fn();
  void files.displaced.then(noticed);
  vi.advanceTimersByTime(1_000);
  await Promise.resolve();
  expect(noticed).not.toHaveBeenCalled();
  displace(path, other);
  vi.advanceTimersByTime(1_000);
  await Promise.resolve();
  expect(noticed).toHaveBeenCalledWith(expect.any(DatabaseDisplaced));
  files.close();
});
