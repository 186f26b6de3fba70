import { usageFailure } from './failure.ts';

// Anything that looks like a key, true or not: <prefix>_<environment>_<49 base62 characters>.
const LOOKS_LIKE_KEY = /[a-z][a-z0-9]{0,15}_[a-z][a-z0-9]{0,15}_[0-9A-Za-z]{49}/;

/**
 * Throws where a key stands among the arguments: other users of the machine can read them while the program runs, and
 * the shell keeps them. The key itself is not repeated.
 */
export function refuseKeysIn(args: readonly string[]): void {
  const isExposed = args.some((argument) => /^--key(=|$)/.test(argument) || LOOKS_LIKE_KEY.test(argument));
  if (!isExposed) return;
  throw usageFailure(
    'a key must not be an argument, where others can read it; consider revoking it',
    'set LATCHKEY_KEY, or use --key-file or pipe the key with --key-stdin',
  );
}

/** What may be shown of a key's text: `lk_live_…q3Xa`. */
export function hintOf(keyText: string): string {
  return `${keyText.slice(0, keyText.lastIndexOf('_') + 1)}…${keyText.slice(-4)}`;
}
