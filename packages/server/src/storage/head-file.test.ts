import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Keyring } from '../domain/shared/keyring.ts';
import { HeadFile, readHeadFile } from './head-file.ts';

const keyring = new Keyring(Buffer.alloc(32, 3));
const entry = (sequence: number) => ({ workspaceId: 'ws_1', sequence, hash: 'a'.repeat(64) });

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-head-'));
  path = join(folder, 'latchkey.db.head');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('it contains the entry that was noted last, in one sector, readable by its owner only', async () => {
  expect(readHeadFile(path, keyring)).toBe('missing');
  HeadFile.make(path, keyring, null);
  expect(readHeadFile(path, keyring)).toBeNull();
  const file = await HeadFile.open(path, keyring);
  file.note(entry(1));
  file.note(entry(1_000_000));
  await file.flush();
  expect(readHeadFile(path, keyring)).toEqual(entry(1_000_000));
  file.note(entry(7));
  await file.close();
  expect(readHeadFile(path, keyring)).toEqual(entry(7));
  expect(statSync(path).size).toBe(512);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a file that was edited, truncated or written with another pepper is unreadable', () => {
  HeadFile.make(path, keyring, entry(5));
  const text = readFileSync(path, 'utf8');
  expect(readHeadFile(path, new Keyring(Buffer.alloc(32, 4)))).toBe('unreadable');
  for (const wrong of [text.replace(':5,', ':6,'), text.slice(0, 80), '', 'null', '{"last":null}']) {
    writeFileSync(path, wrong);
    expect(readHeadFile(path, keyring)).toBe('unreadable');
  }
});

test('a file that has replaced it is not changed', async () => {
  HeadFile.make(path, keyring, entry(1));
  const file = await HeadFile.open(path, keyring);
  HeadFile.make(path, keyring, entry(2));
  file.note(entry(3));
  await file.close();
  expect(readHeadFile(path, keyring)).toEqual(entry(2));
});
