import { readFileSync } from 'node:fs';
import { OperatorError } from './domain/shared/operator-error.ts';

/**
 * The secret in the file that the setting names, without white space around it. OperatorError where it cannot be read, or
 * there is none.
 */
export function readSecretFile(setting: string, path: string): string {
  const secret = readText(setting, path).trim();
  if (secret === '') throw new OperatorError(`${setting}: ${path} holds no secret`);
  return secret;
}

function readText(setting: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new OperatorError(`${setting}: ${(error as Error).message}`);
  }
}
