import type { Permission } from '@latchkey/contract';
import { Command } from 'commander';
import { collectPermissions, omitUndefined } from '../../arguments.ts';
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts';
import { example } from '../../help.ts';
import { print } from '../../terminal/output.ts';
import { facts } from '../../terminal/table.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { workspaceIdOf } from './lookup.ts';
import { roleFacts } from './role-view.ts';

interface CreateOptions extends ConnectionOptions {
  readonly name: string;
  readonly description?: string;
  readonly permissions: Permission[];
}

export function rolesCreate(terminal: Terminal): Command {
  const command = new Command('create')
    .summary('make a role')
    .description('Makes a role of permissions that you hold.')
    .requiredOption('--name <name>', 'what the role is called')
    .requiredOption(
      '--permissions <list>',
      'what its members may do, such as agents:read,calls:read',
      collectPermissions,
    )
    .option('--description <text>', 'what the role is for');
  return withConnection(command)
    .addHelpText(
      'after',
      example('latchkey roles create --name Support --permissions calls:read,agents:read'),
    )
    .action(async (options: CreateOptions) => {
      const latchkey = await connect(terminal, options);
      const { name, permissions, description } = options;
      const body = { name, permissions, ...omitUndefined({ description }) };
      const result = await latchkey.roles.create(await workspaceIdOf(latchkey), body);
      print(terminal, options, result, (style) => facts(roleFacts(result.role), style));
    });
}
