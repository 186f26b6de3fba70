import { hintOf, isKeyText } from '@latchkey/contract';
import { Command } from 'commander';
import { example } from '../../help.ts';
import { readProfiles } from '../../profile-file.ts';
import { type JsonOption, print } from '../../terminal/output.ts';
import { type Column, listing } from '../../terminal/table.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { profileNameOf } from './login.ts';

interface ShownProfile {
  readonly profile: string;
  readonly url: string;
  readonly key: string;
  /** Commands use this profile by default. */
  readonly isCurrent: boolean;
}

const PROFILE_COLUMNS: readonly Column<ShownProfile>[] = [
  { title: 'PROFILE', importance: 9, widthMin: 8, text: ({ profile }) => profile },
  { title: 'URL', importance: 8, widthMin: 12, text: ({ url }) => url },
  { title: 'KEY', importance: 7, text: ({ key }) => key },
  { title: '', importance: 6, text: ({ isCurrent }) => (isCurrent ? 'in use' : '') },
];

export function profiles(terminal: Terminal): Command {
  return new Command('profiles')
    .summary('list the keys stored on this machine')
    .description('Works with the keys that latchkey login has stored on this machine.')
    .addCommand(list(terminal))
    .addHelpText('after', example('latchkey profiles list'));
}

function list(terminal: Terminal): Command {
  return new Command('list')
    .summary('list profiles')
    .description('Lists profiles: name, address of the service, and the hint of the key. Calls no service.')
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', example('latchkey profiles list --json'))
    .action(async (options: JsonOption) => {
      const current = profileNameOf(terminal, undefined);
      const stored = Object.entries(await readProfiles(terminal.env));
      const shown = stored.map(([profile, { url, key }]) => {
        return { profile, url, key: isKeyText(key) ? hintOf(key) : '…', isCurrent: profile === current };
      });
      print(terminal, options, { profiles: shown }, (style) =>
        listing(terminal, PROFILE_COLUMNS, shown, style, 'No profiles. Make one with latchkey login.'),
      );
    });
}
