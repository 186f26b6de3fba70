import { Command } from 'commander';
import { omitUndefined } from '../../arguments.ts';
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts';
import { example } from '../../help.ts';
import { print } from '../../terminal/output.ts';
import { facts } from '../../terminal/table.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { FORCE_OPTION } from '../keys/key-options.ts';
import { findMember, findRole, workspaceIdOf } from './lookup.ts';
import { exceedingFacts, memberFacts } from './member-view.ts';

interface SetRoleOptions extends ConnectionOptions {
  readonly revokeExceeding?: boolean;
  readonly force?: boolean;
}

export function membersSetRole(terminal: Terminal): Command {
  const command = new Command('set-role')
    .summary('give a member another role')
    .description(
      'Gives a member another role. Their keys keep their permissions; keys that then exceed the role are listed.',
    )
    .argument('<member>', 'id or address of the member')
    .argument('<role>', 'id or name of the role')
    .option('--revoke-exceeding', 'revoke the keys that exceed the new role')
    .option(...FORCE_OPTION);
  return withConnection(command)
    .addHelpText('after', example('latchkey members set-role dana@example.com Admin'))
    .action(async (text: string, roleText: string, options: SetRoleOptions) => {
      const { revokeExceeding, force } = options;
      const latchkey = await connect(terminal, options);
      const workspaceId = await workspaceIdOf(latchkey);
      const { userId } = await findMember(latchkey, workspaceId, text);
      const { id: roleId } = await findRole(latchkey, workspaceId, roleText);
      const body = { roleId, ...omitUndefined({ revokeExceeding, force }) };
      const result = await latchkey.members.update(workspaceId, userId, body);
      print(terminal, options, result, (style) =>
        facts([...memberFacts(result.member), ...exceedingFacts(result.exceedingKeys)], style),
      );
    });
}
