import { Command } from 'commander';
import { parseId } from '../../arguments.ts';
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts';
import { example } from '../../help.ts';
import { print } from '../../terminal/output.ts';
import { facts } from '../../terminal/table.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { keyFacts } from './key-view.ts';

export function keysShow(terminal: Terminal): Command {
  const command = new Command('show')
    .summary('show one key')
    .description('Shows one key, even if it is revoked. Its secret cannot be shown again.')
    .argument('<id>', 'the id of the key', parseId);
  return withConnection(command)
    .addHelpText('after', example('latchkey keys show key_01kat3g7y8e2f9qk5m4x0v6zrb'))
    .action(async (id: string, options: ConnectionOptions) => {
      const latchkey = await connect(terminal, options);
      const result = await latchkey.keys.get(id);
      print(terminal, options, result, (style) => facts(keyFacts(result.apiKey), style));
    });
}
