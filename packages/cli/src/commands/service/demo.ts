import { Command } from 'commander';
import { parseCount } from '../../arguments.ts';
import { example } from '../../help.ts';
import { note, print } from '../../terminal/output.ts';
import { facts } from '../../terminal/table.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { type LocalOptions, localConfig, onService } from './host-options.ts';

interface DemoOptions extends LocalOptions {
  readonly dataDir: string;
  readonly seed: number;
}

export function demo(terminal: Terminal): Command {
  return new Command('demo')
    .summary('create a service with an invented company, to look at')
    .description(
      'Creates a new data folder with an invented company: 12 people, 200 keys in every state, 30 days of usage and an audit log. It is a service like any other, only its content is invented.',
    )
    .option('--data-dir <folder>', 'the data folder, which must be new or empty', './demo')
    .option('--database-url <url>', 'the database, which must be new; else a file in the data folder')
    .option('--seed <number>', 'the same number makes the same people, keys and usage', parseCount, 1)
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', example('latchkey demo --data-dir ./demo'))
    .action((options: DemoOptions) => onService(() => create(terminal, options)));
}

async function create(terminal: Terminal, options: DemoOptions): Promise<void> {
  const { createDemo } = await import('@latchkey/server');
  const { dataDir, seed } = options;
  const config = await localConfig(terminal, options);
  const { workspaceId, userId, secret: key } = await createDemo(config, seed);
  const result = { dataDir: config.dataDir, workspaceId, userId, key };
  const rows = [
    ['data folder', config.dataDir],
    ['workspace', workspaceId],
    ['owner', userId],
    ["owner's key", key],
  ] as const;
  print(terminal, options, result, (style) => facts(rows, style));
  if (options.json) return;
  note(terminal, `Start it:  latchkey serve --data-dir ${dataDir}`);
  note(terminal, `Sign in:   latchkey sign-in --data-dir ${dataDir}`);
}
