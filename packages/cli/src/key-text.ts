import { containsSecret } from '@latchkey/contract';
import { usageFailure } from './failure.ts';

/**
 * Throws where a key or another secret is among the arguments: other users of the machine can read them while the program runs, and
 * the shell keeps them. The key itself is not repeated.
 */
export function refuseKeysIn(args: readonly string[]): void {
  const isExposed = args.some((argument) => /^--key(=|$)/.test(argument) || containsSecret(argument));
  if (!isExposed) return;
  throw usageFailure(
    'a key must not be an argument, where others can read it; consider revoking it',
    'set LATCHKEY_KEY, or use --key-file or pipe the key with --key-stdin',
  );
}
