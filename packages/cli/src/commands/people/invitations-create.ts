import type { createInvitation, ResultOf } from '@latchkey/contract';
import { Command } from 'commander';
import { omitUndefined, parseId } from '../../arguments.ts';
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts';
import { example } from '../../help.ts';
import { note, print, warn } from '../../terminal/output.ts';
import { facts } from '../../terminal/table.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { invitationFacts } from './invitation-view.ts';
import { findRole, workspaceIdOf } from './lookup.ts';

interface CreateOptions extends ConnectionOptions {
  readonly role: string;
  readonly message?: string;
  /** False: send no e-mail. */
  readonly email: boolean;
}

export function invitationsCreate(terminal: Terminal): Command {
  const command = new Command('create')
    .summary('invite a person')
    .description(
      'Invites a person by e-mail, if the service can send e-mail, and prints the URL to accept the invitation, which is shown only once.',
    )
    .argument('<email>', 'the e-mail address of the person')
    .option('--role <role>', 'id or name of their role', 'Member')
    .option('--message <text>', 'a message to add to the e-mail')
    .option('--no-email', 'send no e-mail: you pass on the URL yourself');
  return withConnection(command)
    .addHelpText('after', example('latchkey invitations create dana@example.com --role Admin'))
    .action((email: string, options: CreateOptions) => create(terminal, email, options));
}

async function create(terminal: Terminal, email: string, options: CreateOptions): Promise<void> {
  const latchkey = await connect(terminal, options);
  const { id: roleId } = await findRole(latchkey, await workspaceIdOf(latchkey), options.role);
  const skipEmail = options.email ? undefined : true;
  const body = { email, roleId, ...omitUndefined({ message: options.message, skipEmail }) };
  showNew(terminal, options, await latchkey.invitations.create(body));
}

interface ResendOptions extends ConnectionOptions {
  /** False: send no e-mail. */
  readonly email: boolean;
}

export function invitationsResend(terminal: Terminal): Command {
  const command = new Command('resend')
    .summary('send an invitation again')
    .description(
      'Replaces a pending or expired invitation by a new one with the same role and message. The links of the old one stop working.',
    )
    .argument('<id>', 'the id of the invitation', parseId)
    .option('--no-email', 'send no e-mail: you pass on the URL yourself');
  return withConnection(command)
    .addHelpText('after', example('latchkey invitations resend inv_01kat3g7y8e2f9qk5m4x0v6zrb'))
    .action(async (id: string, options: ResendOptions) => {
      const latchkey = await connect(terminal, options);
      const body = options.email ? {} : { skipEmail: true };
      showNew(terminal, options, await latchkey.invitations.resend(id, body));
    });
}

function showNew(
  terminal: Terminal,
  options: ConnectionOptions,
  result: ResultOf<typeof createInvitation>,
): void {
  const { invitation, emailWarning } = result;
  print(terminal, options, result, (style) => facts(invitationFacts(invitation), style));
  if (emailWarning !== null) warn(terminal, emailWarning);
  if (!options.json)
    note(terminal, 'Give the URL only to that person. It works once, and is shown only once.');
}
