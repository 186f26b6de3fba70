import type { RoleBody } from '@latchkey/contract';
import { Command } from 'commander';
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts';
import { example } from '../../help.ts';
import { print } from '../../terminal/output.ts';
import { type Column, facts, listing } from '../../terminal/table.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { allRoles, findRole, workspaceIdOf } from './lookup.ts';
import { roleFacts } from './role-view.ts';
import { rolesCreate } from './roles-create.ts';
import { rolesDelete } from './roles-delete.ts';
import { rolesUpdate } from './roles-update.ts';

const ROLE_COLUMNS: readonly Column<RoleBody>[] = [
  { title: 'ID', importance: 9, text: ({ id }) => id },
  { title: 'NAME', importance: 8, widthMin: 8, text: ({ name }) => name },
  { title: 'KIND', importance: 5, text: ({ isSystem }) => (isSystem ? 'system' : 'own') },
  { title: 'MEMBERS', importance: 6, text: ({ memberCount }) => String(memberCount) },
  { title: 'PERMISSIONS', importance: 7, text: ({ permissions }) => String(permissions.length) },
  { title: 'DESCRIPTION', importance: 3, widthMin: 12, text: ({ description }) => description ?? '' },
];

export function roles(terminal: Terminal): Command {
  const command = new Command('roles')
    .summary('list, make, change and delete roles')
    .description('Works with the roles of the workspace. A role is named by id or name.');
  for (const make of [list, show, rolesCreate, rolesUpdate, rolesDelete]) command.addCommand(make(terminal));
  return command.addHelpText('after', example('latchkey roles list'));
}

function list(terminal: Terminal): Command {
  const command = new Command('list')
    .summary('list roles')
    .description('Lists the roles of the workspace: the system roles first, then its own by name.');
  return withConnection(command)
    .addHelpText('after', example('latchkey roles list --json'))
    .action(async (options: ConnectionOptions) => {
      const latchkey = await connect(terminal, options);
      const found = await allRoles(latchkey, await workspaceIdOf(latchkey));
      print(terminal, options, { roles: found }, (style) =>
        listing(terminal, ROLE_COLUMNS, found, style, 'No roles.'),
      );
    });
}

function show(terminal: Terminal): Command {
  const command = new Command('show')
    .summary('show one role')
    .description('Shows one role and what its members may do.')
    .argument('<role>', 'id or name of the role');
  return withConnection(command)
    .addHelpText('after', example('latchkey roles show Admin'))
    .action(async (text: string, options: ConnectionOptions) => {
      const latchkey = await connect(terminal, options);
      const role = await findRole(latchkey, await workspaceIdOf(latchkey), text);
      print(terminal, options, { role }, (style) => facts(roleFacts(role), style));
    });
}
