import { readFileSync, statSync } from 'node:fs';
import { OperatorError } from '../domain/shared/operator-error.ts';

const READABLE_BY_OTHERS = 0o077;

/**
 * The secret in the file that the setting names, trimmed. Throws OperatorError if the file cannot be read or is
 * empty.
 */
export function readSecretFile(setting: string, path: string): string {
  const secret = readText(setting, path).trim();
  if (secret === '') throw new OperatorError(`${setting}: ${path} is empty; it must contain the secret`);
  return secret;
}

/** Throws OperatorError if other users of the machine can read the file. */
export function requirePrivate(what: string, path: string): void {
  if ((statSync(path).mode & READABLE_BY_OTHERS) === 0) return;
  throw new OperatorError(`${what} ${path} can be read by others; run: chmod 600 ${path}`);
}

function readText(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new OperatorError(`${setting}: ${(error as Error).message}`);
  }
}
