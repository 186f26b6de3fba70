import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Latchkey } from '@latchkey/sdk';
import { type Command, Option } from 'commander';
import { EXIT } from './exit-codes.ts';
import { Failure, usageFailure } from './failure.ts';
import type { JsonOption } from './output.ts';
import type { Terminal } from './terminal.ts';

const URL_DEFAULT = 'http://127.0.0.1:7400';

/** The options of every command that calls a service. */
export interface ConnectionOptions extends JsonOption {
  readonly url?: string;
  readonly keyFile?: string;
  readonly keyStdin?: boolean;
}

/** Adds the options of ConnectionOptions. */
export function withConnection(command: Command): Command {
  return command
    .option('--url <url>', `where the service is; else LATCHKEY_URL, else ${URL_DEFAULT}`)
    .addOption(
      new Option('--key-file <file>', 'read the key to call with from a file; else LATCHKEY_KEY is used'),
    )
    .addOption(
      new Option('--key-stdin', 'read the key to call with from standard input').conflicts('keyFile'),
    )
    .option('--json', 'print the result as one line of JSON');
}

/** A client for the service and with the key that the options and the environment name. */
export async function connect(terminal: Terminal, options: ConnectionOptions): Promise<Latchkey> {
  const url = options.url ?? (terminal.env.LATCHKEY_URL || URL_DEFAULT);
  const key = await readKey(terminal, options);
  try {
    return new Latchkey({ url, key });
  } catch (error) {
    if (error instanceof TypeError) throw usageFailure(error.message, 'correct --url or LATCHKEY_URL');
    throw error;
  }
}

/** Do the options or the environment name a key, or a service elsewhere that needs one? */
export function namesKey({ env }: Terminal, { url, keyFile, keyStdin }: ConnectionOptions): boolean {
  return url !== undefined || keyFile !== undefined || keyStdin === true || Boolean(env.LATCHKEY_KEY?.trim());
}

async function readKey(terminal: Terminal, { keyFile, keyStdin }: ConnectionOptions): Promise<string> {
  if (keyFile !== undefined) return oneKey(await readKeyFile(keyFile), `the file ${keyFile}`);
  if (keyStdin) return oneKey(await readPiped(terminal), 'standard input');
  const key = terminal.env.LATCHKEY_KEY?.trim();
  if (key) return oneKey(key, 'LATCHKEY_KEY');
  throw keyProblem('this command needs a key to call the service with');
}

async function readKeyFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw keyProblem(`the key file ${path} cannot be read (${error.code})`);
  });
}

async function readPiped({ stdin }: Terminal): Promise<string> {
  if (stdin.isTTY)
    throw usageFailure('--key-stdin needs a pipe or a file: what is typed can be read on the screen');
  return text(stdin);
}

/** Never says what was found instead of a key. */
function oneKey(found: string, where: string): string {
  const key = found.trim();
  if (!/^[\x21-\x7e]+$/.test(key)) throw keyProblem(`${where} does not hold a key, or more than a key`);
  return key;
}

function keyProblem(message: string): Failure {
  const hint = 'set LATCHKEY_KEY, or use --key-file or pipe the key with --key-stdin';
  return new Failure({ exitCode: EXIT.credential, code: 'CREDENTIALS_MISSING', message, hint });
}
