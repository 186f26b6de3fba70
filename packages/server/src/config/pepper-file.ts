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

/** At least one pepper, the newest first. There are several while the pepper is rotated. */
export type Peppers = readonly [Uint8Array, ...Uint8Array[]];

/**
 * Creates the pepper file, readable by its owner only, unless it exists. It is synced to the disk when this returns. It
 * gets its name only after its content is synced: if this throws, for instance on a full disk, there is no pepper file.
 */
export function ensurePepper(path: string): void {
  if (!existsSync(path)) makePepperFile(path, randomBytes(PEPPER_BYTES));
}

/**
 * Creates the file with these peppers, the newest first, as `ensurePepper`. An existing file is moved to `<path>.<suffix>`, and
 * that path is returned; null if there was none.
 */
export function replacePeppers(path: string, peppers: Peppers, suffix: string): string | null {
  const kept = existsSync(path) ? `${path}.${suffix}` : null;
  if (kept !== null) renameSync(path, kept);
  makePepperFile(path, ...peppers);
  return kept;
}

/** Replaces the content of the file at once: a reader gets either the old peppers or these. */
export function rewritePeppers(path: string, peppers: Peppers): void {
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    writeSynced(draft, textOf(peppers));
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
  syncFolder(dirname(path));
}

/** Peppers as a file has them: one in a line, in base64url. */
export function textOf(peppers: readonly Uint8Array[]): string {
  return peppers.map((pepper) => `${Buffer.from(pepper).toString('base64url')}\n`).join('');
}

function makePepperFile(path: string, ...peppers: readonly Uint8Array[]): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    writeSynced(draft, textOf(peppers));
    linkUnlessThere(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
  syncFolder(folder);
}

/**
 * The peppers of the file, the newest first. Throws OperatorError if it is missing, is readable by others or has a line that
 * is not a pepper.
 */
export function readPeppers(path: string): Peppers {
  if (!existsSync(path)) {
    throw new OperatorError(
      `the pepper file ${path} is missing; restore it, or set LATCHKEY_PEPPER_FILE to where it is`,
    );
  }
  requirePrivate('the pepper file', path);
  const text = readFileSync(path, 'utf8').trim();
  const peppers = peppersIn(text);
  if (peppers) return peppers;
  const what = text === '' ? 'is empty' : `does not hold ${PEPPER_BYTES} bytes in base64url`;
  throw new OperatorError(
    `the pepper file ${path} ${what}; restore the original. If no database was made with it, delete the file and initialise again`,
  );
}

/** The peppers of a text as `textOf` makes it. Null if a line is not a pepper. */
export function peppersIn(text: string): Peppers | null {
  const lines = text.trim().split(/\s*\n\s*/);
  const [newest, ...older] = lines.map((line) => Buffer.from(line, 'base64url'));
  const isValid = newest && [newest, ...older].every(({ length }) => length === PEPPER_BYTES);
  return isValid ? [newest, ...older] : null;
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
