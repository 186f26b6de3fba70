import type { PermissionInfo } from '@latchkey/contract';
import { Command } from 'commander';
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts';
import { example } from '../../help.ts';
import { print } from '../../terminal/output.ts';
import { type Fact, facts } from '../../terminal/table.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { permissionsStarter } from './permissions-starter.ts';

export function permissions(terminal: Terminal): Command {
  const command = new Command('permissions')
    .summary('list the permissions that keys can have')
    .description(
      'Lists every permission a key can have, by resource. A permission is written resource:action.',
    )
    // Options after `starter` belong to that subcommand.
    .enablePositionalOptions()
    .addCommand(permissionsStarter(terminal));
  return withConnection(command)
    .addHelpText('after', example('latchkey permissions --json'))
    .action(async (options: ConnectionOptions) => {
      const latchkey = await connect(terminal, options);
      const result = await latchkey.permissions.list();
      print(terminal, options, result, (style) => facts(byResource(result.permissions), style));
    });
}

function byResource(catalogue: readonly PermissionInfo[]): Fact[] {
  const resources = [...new Set(catalogue.map(({ resource }) => resource))];
  return resources.map((resource) => {
    const own = catalogue.filter((permission) => permission.resource === resource);
    return [resource, own.map(({ action }) => action).join(', ')];
  });
}
