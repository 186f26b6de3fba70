import { Command } from 'commander';
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts';
import { example } from '../../help.ts';
import { print } from '../../terminal/output.ts';
import { facts, listing } from '../../terminal/table.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { allMembers, findMember, workspaceIdOf } from './lookup.ts';
import { MEMBER_COLUMNS, memberFacts } from './member-view.ts';
import { membersRemove } from './members-remove.ts';
import { membersSetRole } from './members-set-role.ts';
import { membersActivate, membersSuspend } from './members-set-status.ts';

export function members(terminal: Terminal): Command {
  const command = new Command('members')
    .summary('list, change and remove the people of the workspace')
    .description('Works with the members of the workspace. A member is named by id or address.');
  for (const make of [list, show, membersSetRole, membersSuspend, membersActivate, membersRemove])
    command.addCommand(make(terminal));
  return command.addHelpText('after', example('latchkey members list'));
}

function list(terminal: Terminal): Command {
  const command = new Command('list')
    .summary('list members')
    .description('Lists the members of the workspace, in the order in which they joined.');
  return withConnection(command)
    .addHelpText('after', example('latchkey members list --json'))
    .action(async (options: ConnectionOptions) => {
      const latchkey = await connect(terminal, options);
      const found = await allMembers(latchkey, await workspaceIdOf(latchkey));
      print(terminal, options, { members: found }, (style) =>
        listing(terminal, MEMBER_COLUMNS, found, style, 'No members.'),
      );
    });
}

function show(terminal: Terminal): Command {
  const command = new Command('show')
    .summary('show one member')
    .description('Shows one member: role, status and when they joined.')
    .argument('<member>', 'id or address of the member');
  return withConnection(command)
    .addHelpText('after', example('latchkey members show dana@example.com'))
    .action(async (text: string, options: ConnectionOptions) => {
      const latchkey = await connect(terminal, options);
      const member = await findMember(latchkey, await workspaceIdOf(latchkey), text);
      print(terminal, options, { member }, (style) => facts(memberFacts(member), style));
    });
}
