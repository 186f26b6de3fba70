import { Command } from 'commander';
import { parseId } from '../../arguments.ts';
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts';
import { example } from '../../help.ts';
import { type ConsentOption, requireConsent, YES_OPTION } from '../../terminal/confirm.ts';
import { print, printable } from '../../terminal/output.ts';
import { listing } from '../../terminal/table.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { INVITATION_COLUMNS } from './invitation-view.ts';
import { invitationsCreate, invitationsResend } from './invitations-create.ts';
import { allInvitations } from './lookup.ts';

interface RevokeOptions extends ConnectionOptions, ConsentOption {}

export function invitations(terminal: Terminal): Command {
  const command = new Command('invitations')
    .summary('invite people to the workspace')
    .description('Manages invitations to the workspace. An invitation expires after 7 days and works once.');
  for (const make of [invitationsCreate, invitationsResend, list, revoke]) command.addCommand(make(terminal));
  return command.addHelpText('after', example('latchkey invitations create dana@example.com --role Member'));
}

function list(terminal: Terminal): Command {
  const command = new Command('list')
    .summary('list invitations')
    .description('Lists invitations, newest first, including accepted, revoked and expired ones.');
  return withConnection(command)
    .addHelpText('after', example('latchkey invitations list --json'))
    .action(async (options: ConnectionOptions) => {
      const found = await allInvitations(await connect(terminal, options));
      print(terminal, options, { invitations: found }, (style) =>
        listing(terminal, INVITATION_COLUMNS, found, style, 'No invitations.'),
      );
    });
}

function revoke(terminal: Terminal): Command {
  const command = new Command('revoke')
    .summary('revoke an invitation')
    .description('Revokes an invitation that was not accepted yet. Its links stop working.')
    .argument('<id>', 'the id of the invitation', parseId)
    .option(...YES_OPTION);
  return withConnection(command)
    .addHelpText('after', example('latchkey invitations revoke inv_01kat3g7y8e2f9qk5m4x0v6zrb'))
    .action(async (id: string, options: RevokeOptions) => {
      const latchkey = await connect(terminal, options);
      await requireConsent(terminal, options, async () => {
        const invitation = (await allInvitations(latchkey)).find((each) => each.id === id);
        return `Revoke the invitation ${invitation ? `of ${invitation.email} (${id})` : id}?`;
      });
      const result = await latchkey.invitations.revoke(id);
      print(terminal, options, result, () => [
        printable(`Revoked the invitation of ${result.invitation.email} (${id}).`),
      ]);
    });
}
