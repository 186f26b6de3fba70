import { text } from 'node:stream/consumers';
import { EXIT } from './exit-codes.ts';
import { Failure, usageFailure } from './failure.ts';
import { isInteractive, type Terminal } from './terminal.ts';

/**
 * A secret from standard input: piped, or typed by the person at the terminal without showing on the screen. Throws a
 * Failure that does not repeat what was found if that is not one word of visible ASCII characters.
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
    throw usageFailure('a key that is typed here can be read on the screen', 'pipe it instead');
  return text(stdin);
}

async function typed({ stdin: input, stderr: output }: Terminal, message: string): Promise<string> {
  const { isCancel, password } = await import('@clack/prompts');
  const answer = await password({ message, input, output });
  if (!isCancel(answer)) return answer ?? '';
  throw new Failure({ exitCode: EXIT.failure, code: 'CANCELLED', message: 'nothing was done' });
}
