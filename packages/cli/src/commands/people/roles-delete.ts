import { Command } from 'commander';
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts';
import { example } from '../../help.ts';
import { type ConsentOption, requireConsent, YES_OPTION } from '../../terminal/confirm.ts';
import { print, printable } from '../../terminal/output.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { findRole, workspaceIdOf } from './lookup.ts';

interface DeleteOptions extends ConnectionOptions, ConsentOption {}

export function rolesDelete(terminal: Terminal): Command {
  const command = new Command('delete')
    .summary('delete a role')
    .description('Deletes a role that no member has. System roles stay.')
    .argument('<role>', 'id or name of the role')
    .option(...YES_OPTION);
  return withConnection(command)
    .addHelpText('after', example('latchkey roles delete Support'))
    .action(async (text: string, options: DeleteOptions) => {
      const latchkey = await connect(terminal, options);
      const workspaceId = await workspaceIdOf(latchkey);
      const { id, name } = await findRole(latchkey, workspaceId, text);
      await requireConsent(terminal, options, () => `Delete the role "${name}" (${id})?`);
      const result = await latchkey.roles.delete(workspaceId, id);
      print(terminal, options, result, () => [printable(`Deleted the role ${result.role.name} (${id}).`)]);
    });
}
