import { Command } from 'commander';
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts';
import { given } from '../../given.ts';
import { example } from '../../help.ts';
import { note, print, warn } from '../../output.ts';
import { facts } from '../../table.ts';
import type { Terminal } from '../../terminal.ts';
import { invitationFacts } from './invitation-view.ts';
import { findRole, workspaceIdOf } from './lookup.ts';

interface CreateOptions extends ConnectionOptions {
  readonly role: string;
  readonly message?: string;
  /** False: you pass the link on yourself. */
  readonly email: boolean;
}

export function invitationsCreate(terminal: Terminal): Command {
  const command = new Command('create')
    .summary('invite a person')
    .description(
      'Invites a person by mail, if the service sends mail, and prints the address at which they accept, this once.',
    )
    .argument('<email>', 'the address of the person')
    .option('--role <role>', 'id or name of the role that they get', 'Member')
    .option('--message <text>', 'what the mail says besides')
    .option('--no-email', 'send no mail: you pass the address on yourself');
  return withConnection(command)
    .addHelpText('after', example('latchkey invitations create dana@example.com --role Admin'))
    .action((email: string, options: CreateOptions) => create(terminal, email, options));
}

async function create(terminal: Terminal, email: string, options: CreateOptions): Promise<void> {
  const latchkey = await connect(terminal, options);
  const { id: roleId } = await findRole(latchkey, await workspaceIdOf(latchkey), options.role);
  const skipEmail = options.email ? undefined : true;
  const body = { email, roleId, ...given({ message: options.message, skipEmail }) };
  const result = await latchkey.invitations.create(body);
  const { invitation, emailWarning } = result;
  print(terminal, options, result, (style) => facts(invitationFacts(invitation), style));
  if (emailWarning !== null) warn(terminal, emailWarning);
  if (!options.json)
    note(terminal, 'Give the address to that person only. It works once, and is shown this once.');
}
