import { readFileSync } from 'node:fs';
import { OperatorError } from '../domain/shared/operator-error.ts';

/** The secret in the file, without white space around it. OperatorError where it cannot be read, or there is none. */
export function readClientSecret(path: string): string {
  const secret = readIfThere(path).trim();
  if (secret === '') throw new OperatorError(`LATCHKEY_OIDC_CLIENT_SECRET_FILE: ${path} holds no secret`);
  return secret;
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new OperatorError(`LATCHKEY_OIDC_CLIENT_SECRET_FILE: ${(error as Error).message}`);
  }
}
