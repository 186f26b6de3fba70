import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { PEPPER_BYTES } from './domain/shared/keyring.ts';
import { OperatorError } from './domain/shared/operator-error.ts';
import { requirePrivate } from './secret-file.ts';

/**
 * Makes the pepper file, for its owner only, unless there is one. It is on the disk when this returns. It appears under its
 * name only once all of it is on the disk: where this throws, for instance on a full disk, there is no pepper file.
 */
export function ensurePepper(path: string): void {
  if (!existsSync(path)) makePepperFile(path, randomBytes(PEPPER_BYTES));
}

/**
 * Makes the file with this pepper, as `ensurePepper`. A file that is there is moved to `<path>.<suffix>`, and that name is returned;
 * null where there was none.
 */
export function replacePepper(path: string, pepper: Uint8Array, suffix: string): string | null {
  const kept = existsSync(path) ? `${path}.${suffix}` : null;
  if (kept !== null) renameSync(path, kept);
  makePepperFile(path, pepper);
  return kept;
}

function makePepperFile(path: string, pepper: Uint8Array): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    writeSynced(draft, `${Buffer.from(pepper).toString('base64url')}\n`);
    linkUnlessThere(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
  syncFolder(folder);
}

/** The pepper. Throws OperatorError where the file is missing, readable by others, or holds something else. */
export function readPepper(path: string): Uint8Array {
  if (!existsSync(path)) {
    throw new OperatorError(
      `the pepper file ${path} is missing; restore it, or set LATCHKEY_PEPPER_FILE to where it is`,
    );
  }
  requirePrivate('the pepper file', path);
  const text = readFileSync(path, 'utf8').trim();
  const pepper = Buffer.from(text, 'base64url');
  if (pepper.length !== PEPPER_BYTES) {
    const what = text === '' ? 'is empty' : `does not hold ${PEPPER_BYTES} bytes in base64url`;
    throw new OperatorError(
      `the pepper file ${path} ${what}; restore the original. If no database was made with it, delete the file and initialise again`,
    );
  }
  return pepper;
}

function writeSynced(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Another process may have made the file meanwhile: then that one counts. */
function linkUnlessThere(existing: string, path: string): void {
  try {
    linkSync(existing, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Without it, a loss of power could take the new name from the folder. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
