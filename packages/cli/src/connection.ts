import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Latchkey } from '@latchkey/sdk';
import { type Command, Option } from 'commander';
import { parseProfileName } from './arguments.ts';
import { EXIT } from './exit-codes.ts';
import { Failure, usageFailure } from './failure.ts';
import { DEFAULT_PROFILE, type Profile, readProfiles } from './profile-file.ts';
import type { JsonOption } from './terminal/output.ts';
import type { Terminal } from './terminal/terminal.ts';

export const URL_DEFAULT = 'http://127.0.0.1:7400';

/** The options of the commands that call a service. */
export interface ConnectionOptions extends JsonOption {
  readonly url?: string;
  readonly keyFile?: string;
  readonly keyStdin?: boolean;
  readonly profile?: string;
}

/** Adds the options of ConnectionOptions. */
export function withConnection(command: Command): Command {
  return command
    .option('--url <url>', `the URL of the service; else LATCHKEY_URL, else ${URL_DEFAULT}`)
    .addOption(
      new Option('--key-file <file>', 'read the key to call with from a file; else LATCHKEY_KEY is used'),
    )
    .addOption(
      new Option('--key-stdin', 'read the key to call with from standard input').conflicts('keyFile'),
    )
    .addOption(
      new Option('--profile <name>', 'use the URL and key stored by latchkey login; else LATCHKEY_PROFILE')
        .argParser(parseProfileName)
        .conflicts(['keyFile', 'keyStdin']),
    )
    .option('--json', 'print the result as one line of JSON');
}

/**
 * A client whose URL and key come from the options, the environment or the stored profiles, in this order. The key of a
 * profile is sent only to the URL of that profile.
 */
export async function connect(terminal: Terminal, options: ConnectionOptions): Promise<Latchkey> {
  const given = await givenKey(terminal, options);
  if (given !== null) return clientOf(givenUrl(terminal, options) ?? URL_DEFAULT, given);
  const name = options.profile ?? (terminal.env.LATCHKEY_PROFILE || DEFAULT_PROFILE);
  const profile = await profileNamed(terminal, name);
  const url = options.profile === undefined ? givenUrl(terminal, options) : options.url;
  requireSameAddress(name, profile, url);
  return clientOf(profile.url, profile.key);
}

/** Throws a Failure for an invalid URL. */
export function clientOf(url: string, key: string): Latchkey {
  try {
    return new Latchkey({ url, key });
  } catch (error) {
    if (error instanceof TypeError) throw usageFailure(error.message, 'correct --url or LATCHKEY_URL');
    throw error;
  }
}

/** The URL from the command line or the environment. */
export function givenUrl({ env }: Terminal, { url }: ConnectionOptions): string | undefined {
  return url ?? (env.LATCHKEY_URL || undefined);
}

/** Is there a key to call with, or an option that requires one: from the options, the environment or the stored profiles? */
export async function namesKey(
  { env }: Terminal,
  { url, keyFile, keyStdin, profile }: ConnectionOptions,
): Promise<boolean> {
  if (url !== undefined || keyFile !== undefined || keyStdin === true || profile !== undefined) return true;
  if (env.LATCHKEY_KEY?.trim() || env.LATCHKEY_PROFILE) return true;
  return Object.hasOwn(await readProfiles(env), DEFAULT_PROFILE);
}

/** The key from the command line or the environment; null if a profile must supply it. */
async function givenKey(
  terminal: Terminal,
  { keyFile, keyStdin, profile }: ConnectionOptions,
): Promise<string | null> {
  if (keyFile !== undefined) return oneKey(await readKeyFile(keyFile), `the file ${keyFile}`);
  if (keyStdin) return oneKey(await readPiped(terminal), 'standard input');
  if (profile !== undefined) return null;
  const key = terminal.env.LATCHKEY_KEY?.trim();
  return key ? oneKey(key, 'LATCHKEY_KEY') : null;
}

async function profileNamed({ env }: Terminal, name: string): Promise<Profile> {
  const profiles = await readProfiles(env);
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (profile) return profile;
  if (name === DEFAULT_PROFILE) throw keyProblem('this command needs a key to call the service with');
  const message = `there is no profile ${name}`;
  const hint = `store a key in it with latchkey login --profile ${name}; run latchkey profiles list to see the stored profiles`;
  throw new Failure({ exitCode: EXIT.credential, code: 'CREDENTIALS_MISSING', message, hint });
}

function requireSameAddress(name: string, { url: own }: Profile, url: string | undefined): void {
  if (url === undefined || trimmed(url) === trimmed(own)) return;
  throw usageFailure(
    `the key of the profile ${name} is for ${own} and is not sent to another service`,
    'leave out --url and LATCHKEY_URL, name another --profile, or give a key with LATCHKEY_KEY or --key-file',
  );
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, '');
}

async function readKeyFile(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw keyProblem(`the key file ${path} cannot be read (${error.code})`);
  });
}

async function readPiped({ stdin }: Terminal): Promise<string> {
  if (stdin.isTTY)
    throw usageFailure(
      '--key-stdin needs a pipe or a file: a key that you type would be visible on the screen',
    );
  return text(stdin);
}

/** The error messages do not repeat the invalid text, because it may contain a secret. */
function oneKey(found: string, where: string): string {
  const key = found.trim();
  if (!/^[\x21-\x7e]+$/.test(key)) throw keyProblem(`${where} does not hold a key, or more than a key`);
  return key;
}

function keyProblem(message: string): Failure {
  const hint =
    'set LATCHKEY_KEY, or use --key-file or pipe the key with --key-stdin, or store one with latchkey login';
  return new Failure({ exitCode: EXIT.credential, code: 'CREDENTIALS_MISSING', message, hint });
}
