import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestClock } from '../../../test/harness/test-clock.ts';
import { openSuiteDatabase } from '../suites/open-suite-database.ts';
import { BackupFolder } from './backup-folder.ts';

const HOUR_MS = 3_600_000;

let root: string;
let folder: string;
let clock: TestClock;
let backups: BackupFolder;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'latchkey-backups-'));
  folder = join(root, 'backups');
  clock = new TestClock();
  const databaseUrl = `file:${join(root, 'latchkey.db')}`;
  await (await openSuiteDatabase(databaseUrl)).close();
  backups = new BackupFolder(folder, { databaseUrl, keyring: null, clock });
});
afterEach(() => rmSync(root, { recursive: true }));

const names = () => readdirSync(folder).toSorted();

test('a backup is due if there is none, and once the newest is a day old', async () => {
  expect(backups.isDue()).toBe(true);
  await backups.make();
  expect(backups.isDue()).toBe(false);
  clock.advance(24 * HOUR_MS - 1_000);
  expect(backups.isDue()).toBe(false);
  clock.advance(1_000);
  expect(backups.isDue()).toBe(true);
});

test('the newest seven are kept, and nothing that is not a backup is removed', async () => {
  await backups.make();
  writeFileSync(join(folder, 'latchkey-notes.db'), '');
  const made = names().filter((name) => name !== 'latchkey-notes.db');
  for (let day = 0; day < 8; day++) {
    clock.advance(24 * HOUR_MS);
    await backups.make();
    made.push(...names().filter((name) => !made.includes(name) && name !== 'latchkey-notes.db'));
  }
  expect(names()).toEqual([...made.slice(-7), 'latchkey-notes.db'].toSorted());
});

test('a failed backup removes no older one and leaves no file; the next backup removes drafts of a crash', async () => {
  await backups.make();
  const before = names();
  writeFileSync(join(folder, 'latchkey-2020-01-01T000000Z.db.0123456789ab.new'), 'half');
  clock.advance(24 * HOUR_MS);
  writeFileSync(join(root, 'latchkey.db'), 'damaged');
  await expect(backups.make()).rejects.toThrow();
  expect(names()).toEqual(before);
  expect(backups.isDue()).toBe(true);
});

test('a backup with a time in the future is ignored and kept', async () => {
  await backups.make();
  const [future] = names();
  clock.advance(-48 * HOUR_MS);
  expect(backups.isDue()).toBe(true);
  await backups.make();
  expect(names()).toContain(future);
  expect(backups.isDue()).toBe(false);
});
