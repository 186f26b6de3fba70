import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensurePepper, readPeppers } from './pepper-file.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-'));
  path = join(folder, 'deep', 'pepper');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('is made once, with 32 random bytes, for its owner only', () => {
  ensurePepper(path);
  const text = readFileSync(path, 'utf8');
  ensurePepper(path);
  expect(readFileSync(path, 'utf8')).toBe(text);
  expect(readPeppers(path)[0]).toHaveLength(32);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('reading throws, with what to do, if the file is missing, readable by others or has the wrong content', () => {
  expect(() => readPeppers(path)).toThrow(/is missing; restore it, or set LATCHKEY_PEPPER_FILE/);
  ensurePepper(path);
  chmodSync(path, 0o640);
  expect(() => readPeppers(path)).toThrow(`can be read by others; run: chmod 600 ${path}`);
  chmodSync(path, 0o600);
  writeFileSync(path, 'short');
  expect(() => readPeppers(path)).toThrow('does not hold 32 bytes in base64url');
});
