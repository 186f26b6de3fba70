import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { PEPPER_BYTES } from './domain/shared/keyring.ts';
import { OperatorError } from './domain/shared/operator-error.ts';

const READABLE_BY_OTHERS = 0o077;

/** Makes the pepper file, for its owner only, unless there is one. It is on the disk when this returns. */
export function ensurePepper(path: string): void {
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, `${randomBytes(PEPPER_BYTES).toString('base64url')}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** The pepper. Throws OperatorError where the file is missing, readable by others, or holds something else. */
export function readPepper(path: string): Uint8Array {
  if (!existsSync(path)) {
    throw new OperatorError(
      `the pepper file ${path} is missing; restore it, or set LATCHKEY_PEPPER_FILE to where it is`,
    );
  }
  if ((statSync(path).mode & READABLE_BY_OTHERS) !== 0) {
    throw new OperatorError(`the pepper file ${path} can be read by others; run: chmod 600 ${path}`);
  }
  const pepper = Buffer.from(readFileSync(path, 'utf8').trim(), 'base64url');
  if (pepper.length !== PEPPER_BYTES) {
    throw new OperatorError(
      `the pepper file ${path} does not hold ${PEPPER_BYTES} bytes in base64url; restore the original`,
    );
  }
  return pepper;
}
