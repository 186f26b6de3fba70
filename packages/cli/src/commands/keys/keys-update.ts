import type { KeyChanges } from '@latchkey/sdk';
import { Command, Option } from 'commander';
import { omitUndefined, parseCountOrNone, parseId } from '../../arguments.ts';
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts';
import { usageFailure } from '../../failure.ts';
import { example } from '../../help.ts';
import { print } from '../../terminal/output.ts';
import { facts } from '../../terminal/table.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import {
  type ExpiryOptions,
  expiryOf,
  FORCE_OPTION,
  type LimitOptions,
  rateLimitOf,
  withExpiry,
} from './key-options.ts';
import { keyFacts } from './key-view.ts';

interface UpdateOptions extends ConnectionOptions, ExpiryOptions, LimitOptions {
  readonly name?: string;
  readonly enable?: boolean;
  readonly disable?: boolean;
  readonly force?: boolean;
  /** False: remove the expiry. */
  readonly expiry: boolean;
}

export function keysUpdate(terminal: Terminal): Command {
  const command = new Command('update')
    .summary('change a key')
    .description(
      'Changes a key. Options that are left out change nothing. The permissions of a key cannot be changed.',
    )
    .argument('<id>', 'the id of the key', parseId)
    .option('--name <name>', 'a name that says what the key is for')
    .option('--enable', 'enable the key')
    .addOption(new Option('--disable', 'disable the key until it is enabled again').conflicts('enable'))
    .addOption(
      new Option('--no-expiry', 'remove the expiry of the key').conflicts(['expiresAt', 'expiresIn']),
    )
    .option(
      '--per-minute <count>',
      'the most requests in any 60 seconds, or none for no limit',
      parseCountOrNone,
    )
    .option('--per-day <count>', 'the most requests in a UTC day, or none for no limit', parseCountOrNone)
    .option(...FORCE_OPTION);
  return withConnection(withExpiry(command))
    .addHelpText(
      'after',
      example('latchkey keys update key_01kat3g7y8e2f9qk5m4x0v6zrb --per-day none --expires-in 26w'),
    )
    .action((id: string, options: UpdateOptions) => update(terminal, id, options));
}

async function update(terminal: Terminal, id: string, options: UpdateOptions): Promise<void> {
  const changes = changesOf(options);
  if (Object.keys(changes).length === 0)
    throw usageFailure('there is nothing to change', 'add --help to see what can be');
  const latchkey = await connect(terminal, options);
  const { force } = options;
  const result = await latchkey.keys.update(id, { ...changes, ...omitUndefined({ force }) });
  print(terminal, options, result, (style) => facts(keyFacts(result.apiKey), style));
}

function changesOf(options: UpdateOptions): KeyChanges {
  const { name, enable, disable, expiry } = options;
  const isActive = enable ? true : disable ? false : undefined;
  const expiresAt = expiry ? expiryOf(options) : null;
  return omitUndefined({ name, isActive, expiresAt, rateLimit: rateLimitOf(options) });
}
