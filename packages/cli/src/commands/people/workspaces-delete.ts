import { Command } from 'commander';
import { parseId } from '../../arguments.ts';
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts';
import { example } from '../../help.ts';
import { type ConsentOption, requireConsent, YES_OPTION } from '../../terminal/confirm.ts';
import { print, printable } from '../../terminal/output.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { countOf } from '../keys/revoke-view.ts';
import { collect } from './lookup.ts';

interface DeleteOptions extends ConnectionOptions, ConsentOption {}

export function workspacesDelete(terminal: Terminal): Command {
  const command = new Command('delete')
    .summary('delete the workspace of the key')
    .description(
      'Deletes the workspace of the key permanently. All of its keys are denied from then on, also the one that calls.',
    )
    .argument('<id>', 'the id of the workspace, so that no other is deleted by mistake', parseId)
    .option(...YES_OPTION);
  return withConnection(command)
    .addHelpText('after', example('latchkey workspaces delete ws_01kat3g7y8e2f9qk5m4x0v6zrb'))
    .action(async (id: string, options: DeleteOptions) => {
      const latchkey = await connect(terminal, options);
      await requireConsent(terminal, options, async () => {
        const workspaces = await collect(latchkey.workspaces.listAll());
        const { pagination } = await latchkey.keys.list({ limit: 1 });
        const name = workspaces.find((workspace) => workspace.id === id)?.name;
        const what = name === undefined ? id : `"${name}" (${id})`;
        return `Delete the workspace ${what} with its ${countOf(pagination.total, 'key')} permanently?`;
      });
      const { workspace } = await latchkey.workspaces.delete(id);
      print(terminal, options, { workspace }, () => [
        printable(`Deleted the workspace ${workspace.name} (${id}). Its keys are denied from now on.`),
      ]);
    });
}
