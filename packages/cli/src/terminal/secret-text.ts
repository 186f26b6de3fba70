import { text } from 'node:stream/consumers';
import { containsSecret } from '@latchkey/contract';
import { EXIT } from '../exit-codes.ts';
import { Failure, usageFailure } from '../failure.ts';
import { isInteractive, type Terminal } from './terminal.ts';

/**
 * Reads a secret from standard input: piped, or typed at the terminal without echo. Throws a Failure if the input is not one
 * word of visible ASCII characters; its message does not repeat the input.
 */
export async function readSecretText(terminal: Terminal, message: string): Promise<string> {
  const found = isInteractive(terminal) ? await typed(terminal, message) : await piped(terminal);
  const secret = found.trim();
  if (!/^[\x21-\x7e]+$/.test(secret))
    throw usageFailure('standard input does not hold a key, or more than a key', 'pipe the text of one key');
  return secret;
}

async function piped({ stdin }: Terminal): Promise<string> {
  if (stdin.isTTY)
    throw usageFailure('a key that you type here would be visible on the screen', 'pipe it instead');
  return text(stdin);
}

async function typed({ stdin: input, stderr: output }: Terminal, message: string): Promise<string> {
  const { isCancel, password } = await import('@clack/prompts');
  const answer = await password({ message, input, output });
  if (!isCancel(answer)) return answer ?? '';
  throw new Failure({ exitCode: EXIT.failure, code: 'CANCELLED', message: 'nothing was done' });
}

/**
 * Throws if an argument contains a key or another secret: other users of the machine can read the arguments of a process, and
 * the shell stores them in its history. The message does not repeat the secret.
 */
export function requireNoKeysIn(args: readonly string[]): void {
  const isExposed = args.some((argument) => /^--key(=|$)/.test(argument) || containsSecret(argument));
  if (!isExposed) return;
  throw usageFailure(
    'a key must not be an argument, where others can read it; consider revoking it',
    'set LATCHKEY_KEY, or use --key-file or pipe the key with --key-stdin',
  );
}
