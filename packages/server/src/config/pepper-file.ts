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
import { PEPPER_BYTES } from '../domain/shared/keyring.ts';
import { OperatorError } from '../domain/shared/operator-error.ts';
import { requirePrivate } from './secret-file.ts';

/**
 * Creates the pepper file, readable by its owner only, unless it exists. It is synced to the disk when this returns. It
 * gets its name only after its content is synced: if this throws, for instance on a full disk, there is no pepper file.
 */
export function ensurePepper(path: string): void {
  if (!existsSync(path)) makePepperFile(path, randomBytes(PEPPER_BYTES));
}

/**
 * Creates the file with this pepper, as `ensurePepper`. An existing file is moved to `<path>.<suffix>`, and that path is
 * returned; null if there was none.
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

/** The pepper. Throws OperatorError if the file is missing, is readable by others or does not contain a pepper. */
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

/** Keeps the existing file if another process created it at the same time. */
function linkUnlessThere(existing: string, path: string): void {
  try {
    linkSync(existing, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Without this, the new directory entry could be lost in a power failure. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
