import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OperatorError } from '../domain/shared/operator-error.ts';
import { readClientSecret } from './client-secret.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the secret is what stands in the file, without the line end that editors add', () => {
  const path = join(folder, 'secret');
  writeFileSync(path, 'a b/c=\n');
  expect(readClientSecret(path)).toBe('a b/c=');
});

test('a file that is empty, or not there, is told in one line', () => {
  const empty = join(folder, 'empty');
  writeFileSync(empty, '\n');
  for (const path of [empty, join(folder, 'none')]) {
    expect(() => readClientSecret(path)).toThrow(OperatorError);
    expect(() => readClientSecret(path)).toThrow(/^LATCHKEY_OIDC_CLIENT_SECRET_FILE: [^\n]+$/);
  }
});
