import { containsSecret } from '@latchkey/contract';
import { usageFailure } from './failure.ts';

/**
 * Throws if an argument contains a key or another secret: other users of the machine can read the arguments of a process, and
 * the shell stores them in its history. The message does not repeat the secret.
 */
export function refuseKeysIn(args: readonly string[]): void {
  const isExposed = args.some((argument) => /^--key(=|$)/.test(argument) || containsSecret(argument));
  if (!isExposed) return;
  throw usageFailure(
    'a key must not be an argument, where others can read it; consider revoking it',
    'set LATCHKEY_KEY, or use --key-file or pipe the key with --key-stdin',
  );
}
