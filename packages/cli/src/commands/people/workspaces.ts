import type { WorkspaceBody } from '@latchkey/contract';
import { Command } from 'commander';
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts';
import { example } from '../../help.ts';
import { print } from '../../terminal/output.ts';
import { type Column, type Fact, facts, listing } from '../../terminal/table.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { toMinute } from '../keys/key-view.ts';
import { collect } from './lookup.ts';
import { workspacesCreate } from './workspaces-create.ts';
import { workspacesDelete } from './workspaces-delete.ts';

const WORKSPACE_COLUMNS: readonly Column<WorkspaceBody>[] = [
  { title: 'ID', importance: 9, text: ({ id }) => id },
  { title: 'NAME', importance: 8, widthMin: 10, text: ({ name }) => name },
  { title: 'STATUS', importance: 6, text: ({ status }) => status },
  { title: 'PERMISSION MODE', importance: 5, text: ({ permissionMode }) => permissionMode },
  { title: 'CREATED', importance: 3, text: ({ createdAt }) => toMinute(createdAt, '') },
];

export function workspaces(terminal: Terminal): Command {
  const command = new Command('workspaces')
    .summary('list, create, rename and delete workspaces')
    .description('Manages workspaces. A key acts only in its own workspace.');
  for (const make of [list, workspacesCreate, rename, workspacesDelete]) command.addCommand(make(terminal));
  return command.addHelpText('after', example('latchkey workspaces list'));
}

function list(terminal: Terminal): Command {
  const command = new Command('list')
    .summary('list workspaces')
    .description('Lists the workspace of the key.');
  return withConnection(command)
    .addHelpText('after', example('latchkey workspaces list --json'))
    .action(async (options: ConnectionOptions) => {
      const latchkey = await connect(terminal, options);
      const result = { workspaces: await collect(latchkey.workspaces.listAll()) };
      print(terminal, options, result, (style) =>
        listing(terminal, WORKSPACE_COLUMNS, result.workspaces, style, 'No workspaces.'),
      );
    });
}

function rename(terminal: Terminal): Command {
  const command = new Command('rename')
    .summary('rename the workspace')
    .description('Renames the workspace of the key.')
    .argument('<name>', 'the new name');
  return withConnection(command)
    .addHelpText('after', example('latchkey workspaces rename "Acme production"'))
    .action(async (name: string, options: ConnectionOptions) => {
      const latchkey = await connect(terminal, options);
      const result = await latchkey.workspaces.update({ name });
      print(terminal, options, result, (style) => facts(workspaceFacts(result.workspace), style));
    });
}

function workspaceFacts(workspace: WorkspaceBody): Fact[] {
  return [
    ['id', workspace.id],
    ['name', workspace.name],
    ['status', workspace.status],
    ['permission mode', workspace.permissionMode],
    ['created', workspace.createdAt],
  ];
}
