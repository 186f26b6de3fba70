import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OperatorError } from '../domain/shared/operator-error.ts';
import { readSecretFile } from './secret-file.ts';

const SETTING = 'LATCHKEY_SMTP_PASSWORD_FILE';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the secret is the content of the file without the line end that editors add', () => {
  const path = join(folder, 'secret');
  writeFileSync(path, 'a b/c=\n');
  expect(readSecretFile(SETTING, path)).toBe('a b/c=');
});

test('an empty or missing file causes an error of one line', () => {
  const empty = join(folder, 'empty');
  writeFileSync(empty, '\n');
  for (const path of [empty, join(folder, 'none')]) {
    expect(() => readSecretFile(SETTING, path)).toThrow(OperatorError);
    expect(() => readSecretFile(SETTING, path)).toThrow(/^LATCHKEY_SMTP_PASSWORD_FILE: [^\n]+$/);
  }
});
