import { DEMANDED_PERMISSIONS } from '@latchkey/contract';
import { Command } from 'commander';
import { example } from '../../help.ts';
import { type JsonOption, note, print, printableJson } from '../../terminal/output.ts';
import type { Terminal } from '../../terminal/terminal.ts';

/** Example permissions of an API, which the operator replaces. */
const EXAMPLES = [
  { id: 'invoices:read', title: 'Read invoices' },
  { id: 'invoices:write', title: 'Create and change invoices' },
  { id: 'reports:read', title: 'Read reports' },
];

const LIST = [...DEMANDED_PERMISSIONS, ...EXAMPLES];

export function permissionsStarter(terminal: Terminal): Command {
  return new Command('starter')
    .summary('print a permission list to edit')
    .description(
      'Prints a list for LATCHKEY_PERMISSIONS_FILE: the permissions that Latchkey itself requires, and three examples to replace with yours. Calls no service.',
    )
    .option('--json', 'print the list as one line of JSON')
    .addHelpText('after', example('latchkey permissions starter > permissions.json'))
    .action((options: JsonOption) => {
      print(terminal, options, LIST, () => [
        '[',
        LIST.map((entry) => `  ${printableJson(entry)}`).join(',\n'),
        ']',
      ]);
      if (terminal.stdout.isTTY)
        note(terminal, 'Write it to a file and name the file in LATCHKEY_PERMISSIONS_FILE.');
    });
}
