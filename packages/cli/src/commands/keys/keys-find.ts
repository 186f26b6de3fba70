import type { ApiKeyBody } from '@latchkey/contract';
import type { Latchkey } from '@latchkey/sdk';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts';
import { EXIT } from '../../exit-codes.ts';
import { example } from '../../help.ts';
import { print } from '../../terminal/output.ts';
import { readSecretText } from '../../terminal/secret-text.ts';
import { table } from '../../terminal/table.ts';
import { type Terminal, widthOf } from '../../terminal/terminal.ts';
import { KEY_COLUMNS } from './key-view.ts';
import { requireFreeStdin } from './keys-verify.ts';

interface FindOptions extends ConnectionOptions {
  readonly hint?: string;
  readonly lastFour?: string;
}

export function keysFind(terminal: Terminal): Command {
  const command = new Command('find')
    .summary('find a key by its text, its hint or its last four characters')
    .description(
      'Finds the key whose text is piped or typed, even if it is revoked. This counts as one verification in the usage of the key and uses no quota. With --hint or --last-four, finds all keys with that ending, and needs no text.',
    )
    .addOption(
      new Option('--hint <hint>', 'the hint of a key in lists, such as lk_live_…q3Xa').argParser(parseHint),
    )
    .addOption(
      new Option('--last-four <characters>', 'the last four characters of the key')
        .argParser(parseLastFour)
        .conflicts('hint'),
    );
  return withConnection(command)
    .addHelpText('after', example('latchkey keys find < leaked.key', 'latchkey keys find --last-four q3Xa'))
    .action((options: FindOptions) => find(terminal, options));
}

async function find(terminal: Terminal, options: FindOptions): Promise<void> {
  const search = options.hint ?? options.lastFour;
  if (search === undefined) requireFreeStdin(options);
  const latchkey = await connect(terminal, options);
  const apiKeys =
    search === undefined ? await withText(terminal, latchkey) : await endingIn(latchkey, search);
  print(terminal, options, { apiKeys }, (style) =>
    apiKeys.length === 0 ? ['No key.'] : table(KEY_COLUMNS, apiKeys, style, widthOf(terminal.stdout)),
  );
  if (apiKeys.length === 0) terminal.exitCode = EXIT.notFound;
}

async function withText(terminal: Terminal, latchkey: Latchkey): Promise<ApiKeyBody[]> {
  const key = await readSecretText(terminal, 'The key to find');
  const { apiKey } = await latchkey.keys.verify({ key, cost: 0 });
  return apiKey ? [apiKey] : [];
}

/** The search also matches names, so this keeps only keys with this ending. */
async function endingIn(latchkey: Latchkey, search: string): Promise<ApiKeyBody[]> {
  const found: ApiKeyBody[] = [];
  for (const status of [undefined, 'revoked'] as const) {
    const query = { search, ...(status && { status }) };
    for await (const apiKey of latchkey.keys.listAll(query))
      if (apiKey.key.endsWith(search)) found.push(apiKey);
  }
  return found;
}

/** A hint as in lists, or with three dots instead of the ellipsis. */
function parseHint(text: string): string {
  const hint = text.replace('...', '…');
  if (/^[a-z0-9_]+_…[0-9A-Za-z]{4}$/.test(hint)) return hint;
  throw new InvalidArgumentError('It is not a hint, such as lk_live_…q3Xa.');
}

function parseLastFour(text: string): string {
  if (/^[0-9A-Za-z]{4}$/.test(text)) return text;
  throw new InvalidArgumentError('Give the last four characters of the key.');
}
