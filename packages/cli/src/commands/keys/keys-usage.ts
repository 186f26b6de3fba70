import { GRANULARITIES } from '@latchkey/contract';
import type { UsageQuery } from '@latchkey/sdk';
import { Command, Option } from 'commander';
import { omitUndefined, parseId } from '../../arguments.ts';
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts';
import { example } from '../../help.ts';
import { note, print } from '../../terminal/output.ts';
import { type Terminal, widthOf } from '../../terminal/terminal.ts';
import { usageLines } from './usage-view.ts';

interface UsageOptions extends ConnectionOptions, Omit<UsageQuery, 'workspaceId'> {}

/** See docs/usage.md. */
const FRESHNESS = 'Counts are written every ten seconds; on a busy service they can be up to a minute late.';

export function keysUsage(terminal: Terminal): Command {
  const command = new Command('usage')
    .summary('show how often a key was allowed and denied')
    .description(
      'Counts the verdicts of a key: █ allowed, ░ denied. Minutes are kept for 48 hours, hours for 90 days.',
    )
    .argument('<id>', 'the id of the key', parseId)
    .addOption(new Option('--granularity <span>', 'hour by default').choices(GRANULARITIES))
    .option('--from <instant>', 'by default 60 minutes, 24 hours or 30 days before --to')
    .option('--to <instant>', 'now by default');
  return withConnection(command)
    .addHelpText('after', example('latchkey keys usage key_01kat3g7y8e2f9qk5m4x0v6zrb --granularity minute'))
    .action(async (id: string, options: UsageOptions) => {
      const { granularity, from, to } = options;
      const latchkey = await connect(terminal, options);
      const result = await latchkey.keys.usage(id, omitUndefined({ granularity, from, to }));
      print(terminal, options, result, (style) => usageLines(result.usage, style, widthOf(terminal.stdout)));
      if (!options.json) note(terminal, FRESHNESS);
    });
}
