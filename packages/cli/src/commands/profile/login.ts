import { hintOf, isKeyText } from '@latchkey/contract';
import { Command, Option } from 'commander';
import { parseProfileName } from '../../arguments.ts';
import { clientOf, givenUrl, URL_DEFAULT } from '../../connection.ts';
import { usageFailure } from '../../failure.ts';
import { example } from '../../help.ts';
import { DEFAULT_PROFILE, readProfiles, writeProfiles } from '../../profile-file.ts';
import { type JsonOption, note, print } from '../../terminal/output.ts';
import { readSecretText } from '../../terminal/secret-text.ts';
import { facts } from '../../terminal/table.ts';
import type { Terminal } from '../../terminal/terminal.ts';

interface LoginOptions extends JsonOption {
  readonly url?: string;
  readonly profile?: string;
}

/** The option of `login` and `logout`. */
export function profileOption(): Option {
  return new Option(
    '--profile <name>',
    `the name of the profile; else LATCHKEY_PROFILE, else ${DEFAULT_PROFILE}`,
  ).argParser(parseProfileName);
}

/** The profile name from the option or the environment. Throws InvalidArgumentError for an invalid name. */
export function profileNameOf({ env }: Terminal, profile: string | undefined): string {
  return profile ?? parseProfileName(env.LATCHKEY_PROFILE || DEFAULT_PROFILE);
}

export function login(terminal: Terminal): Command {
  return new Command('login')
    .summary('store a key for later commands')
    .description(
      'Asks for a key, or reads it from a pipe, checks it, and stores it with the URL of the service in a file that only you can read. Commands use it unless LATCHKEY_KEY or --key-file gives another key.',
    )
    .option('--url <url>', `the URL of the service; else LATCHKEY_URL, else ${URL_DEFAULT}`)
    .addOption(profileOption())
    .option('--json', 'print the result as one line of JSON')
    .addHelpText(
      'after',
      example(
        'latchkey login',
        'latchkey login --profile staging --url https://keys.example.com < staging.key',
      ),
    )
    .action((options: LoginOptions) => store(terminal, options));
}

async function store(terminal: Terminal, options: LoginOptions): Promise<void> {
  const name = profileNameOf(terminal, options.profile);
  const profiles = await readProfiles(terminal.env);
  const url = givenUrl(terminal, options) ?? URL_DEFAULT;
  const key = await readSecretText(terminal, `A key of ${url}`);
  if (!isKeyText(key)) throw usageFailure('this is not the whole text of a key', 'copy the key again');
  const { caller } = await clientOf(url, key).me();
  const file = await writeProfiles(terminal.env, { ...profiles, [name]: { url, key } });
  const { userId, workspaceId } = caller;
  const shown = { profile: name, url, key: hintOf(key), userId, workspaceId };
  print(terminal, options, shown, (style) => facts(Object.entries(shown), style));
  if (!options.json) note(terminal, `The key is stored in ${file}, which only you can read.`);
}
