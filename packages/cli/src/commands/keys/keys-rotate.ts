import { Command } from 'commander';
import { omitUndefined, parseId, parseOverlap } from '../../arguments.ts';
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts';
import { example } from '../../help.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { type MintOptions, SECRET_FILE_OPTION, showMinted } from './show-minted.ts';

interface RotateOptions extends ConnectionOptions, MintOptions {
  /** In seconds. */
  readonly overlap?: number;
}

export function keysRotate(terminal: Terminal): Command {
  const command = new Command('rotate')
    .summary('give a key a new secret')
    .description('Gives a key a new secret under the same id, and shows it only once.')
    .argument('<id>', 'the id of the key', parseId)
    .option(
      '--overlap <time>',
      'how long the old secret still works: 0, or up to 7d; 24h by default',
      parseOverlap,
    )
    .option(...SECRET_FILE_OPTION);
  return withConnection(command)
    .addHelpText('after', example('latchkey keys rotate key_01kat3g7y8e2f9qk5m4x0v6zrb --overlap 2h'))
    .action(async (id: string, options: RotateOptions) => {
      const latchkey = await connect(terminal, options);
      const input = omitUndefined({ overlapSeconds: options.overlap });
      await showMinted(terminal, options, () => latchkey.keys.rotate(id, input));
    });
}
