import type { Permission } from '@latchkey/contract';
import { Command, Option } from 'commander';
import { collectPermissions, omitUndefined } from '../../arguments.ts';
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts';
import { usageFailure } from '../../failure.ts';
import { example } from '../../help.ts';
import { print } from '../../terminal/output.ts';
import { facts } from '../../terminal/table.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { FORCE_OPTION } from '../keys/key-options.ts';
import { findRole, workspaceIdOf } from './lookup.ts';
import { exceedingFacts } from './member-view.ts';
import { roleFacts } from './role-view.ts';

interface UpdateOptions extends ConnectionOptions {
  readonly name?: string;
  readonly description?: string;
  readonly permissions?: Permission[];
  readonly add?: Permission[];
  readonly remove?: Permission[];
  readonly revokeExceeding?: boolean;
  readonly force?: boolean;
}

export function rolesUpdate(terminal: Terminal): Command {
  const command = new Command('update')
    .summary('change a role')
    .description(
      'Changes a role; fields without an option stay. Keys keep what they hold; those that then hold more than the role of their owner are listed.',
    )
    .argument('<role>', 'id or name of the role')
    .option('--name <name>', 'what the role is called')
    .option('--description <text>', 'what the role is for')
    .option(
      '--permissions <list>',
      'what its members may do, in place of what they may now',
      collectPermissions,
    )
    .addOption(
      new Option('--add <list>', 'permissions to add').argParser(collectPermissions).conflicts('permissions'),
    )
    .addOption(
      new Option('--remove <list>', 'permissions to take away')
        .argParser(collectPermissions)
        .conflicts('permissions'),
    )
    .option('--revoke-exceeding', 'revoke the keys that hold more than the role of their owner then')
    .option(...FORCE_OPTION);
  return withConnection(command)
    .addHelpText('after', example('latchkey roles update Support --add calls:export'))
    .action((text: string, options: UpdateOptions) => update(terminal, text, options));
}

async function update(terminal: Terminal, text: string, options: UpdateOptions): Promise<void> {
  const { name, description, permissions, add = [], remove = [], revokeExceeding, force } = options;
  const changesSome = [name, description, permissions].some((value) => value !== undefined);
  if (!changesSome && add.length + remove.length === 0)
    throw usageFailure('there is nothing to change', 'add --help to see what can be');
  const latchkey = await connect(terminal, options);
  const workspaceId = await workspaceIdOf(latchkey);
  const role = await findRole(latchkey, workspaceId, text);
  const edited = new Set([...role.permissions, ...add]);
  for (const permission of remove) edited.delete(permission);
  const isEdited = add.length + remove.length > 0;
  const wanted = isEdited ? [...edited] : permissions;
  const changes = { name, description, permissions: wanted, revokeExceeding, force };
  const result = await latchkey.roles.update(workspaceId, role.id, omitUndefined(changes));
  print(terminal, options, result, (style) =>
    facts([...roleFacts(result.role), ...exceedingFacts(result.exceedingKeys)], style),
  );
}
