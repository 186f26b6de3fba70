import type { SessionBody } from '@latchkey/contract';
import { Command } from 'commander';
import { parseId } from '../../arguments.ts';
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts';
import { example } from '../../help.ts';
import { print, printable } from '../../terminal/output.ts';
import { type Column, listing } from '../../terminal/table.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { toMinute } from '../keys/key-view.ts';
import { collect } from './lookup.ts';

const SESSION_COLUMNS: readonly Column<SessionBody>[] = [
  { title: 'ID', importance: 9, text: ({ id }) => id },
  { title: 'LAST SEEN', importance: 8, text: ({ lastSeenAt }) => toMinute(lastSeenAt, '') },
  { title: 'ADDRESS', importance: 7, text: ({ address }) => address ?? '' },
  { title: 'EXPIRES', importance: 5, text: ({ expiresAt }) => toMinute(expiresAt, '') },
  { title: 'BROWSER', importance: 4, widthMin: 10, text: ({ agent }) => agent ?? '' },
];

export function sessions(terminal: Terminal): Command {
  const command = new Command('sessions')
    .summary('list and end your sessions in browsers')
    .description(
      'Works with the sessions of the owner of the key. The key must hold all that its owner may do, without expiry or limits.',
    );
  for (const make of [list, end]) command.addCommand(make(terminal));
  return command.addHelpText('after', example('latchkey sessions list'));
}

function list(terminal: Terminal): Command {
  const command = new Command('list')
    .summary('list sessions')
    .description('Lists where the owner of the key is signed in, the newest session first.');
  return withConnection(command)
    .addHelpText('after', example('latchkey sessions list --json'))
    .action(async (options: ConnectionOptions) => {
      const latchkey = await connect(terminal, options);
      const result = { sessions: await collect(latchkey.sessions.listAll()) };
      print(terminal, options, result, (style) =>
        listing(terminal, SESSION_COLUMNS, result.sessions, style, 'No sessions.'),
      );
    });
}

function end(terminal: Terminal): Command {
  const command = new Command('end')
    .summary('end a session')
    .description('Ends a session at once. The person can sign in again with a new link.')
    .argument('<id>', 'the id of the session', parseId);
  return withConnection(command)
    .addHelpText('after', example('latchkey sessions end ses_01m84hkxthfeyba9zjhgmmw6nr'))
    .action(async (id: string, options: ConnectionOptions) => {
      const latchkey = await connect(terminal, options);
      const result = await latchkey.sessions.end(id);
      print(terminal, options, result, () => [printable(`Ended the session ${id}.`)]);
    });
}
