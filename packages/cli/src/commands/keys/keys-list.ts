import {
  type ApiKeyBody,
  KEY_SORTS,
  KEY_STATUSES,
  type PaginationBody,
  SORT_ORDERS,
} from '@latchkey/contract';
import type { Latchkey, ListQuery } from '@latchkey/sdk';
import { Command, Option } from 'commander';
import { omitUndefined, parseCount, parsePermission } from '../../arguments.ts';
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts';
import { example } from '../../help.ts';
import { note, print } from '../../terminal/output.ts';
import type { Style } from '../../terminal/style.ts';
import { table } from '../../terminal/table.ts';
import { type Terminal, widthOf } from '../../terminal/terminal.ts';
import { everyKey } from './every-key.ts';
import { KEY_COLUMNS } from './key-view.ts';
import { countOf } from './revoke-view.ts';

type Filter = Omit<ListQuery, 'userId' | 'workspaceId'>;

interface ListOptions extends ConnectionOptions, Filter {
  readonly user?: string;
  readonly all?: boolean;
}

export function keysList(terminal: Terminal): Command {
  const command = new Command('list')
    .summary('list keys')
    .description('Lists your keys; with api-keys:manage-others, the keys of all members of the workspace.')
    .option('--user <id>', 'only the keys of this owner')
    .addOption(new Option('--status <status>', 'only keys in this state').choices(KEY_STATUSES))
    .option(
      '--search <text>',
      'only keys with this in their name, with this id, or with these last four characters',
    )
    .option('--permission <permission>', 'only keys with this permission', parsePermission)
    .option('--expires-before <instant>', 'only keys that expire before this time')
    .option('--unused-since <instant>', 'only keys that were not used since this time')
    .addOption(new Option('--sort-by <field>', 'createdAt by default').choices(KEY_SORTS))
    .addOption(new Option('--sort-order <order>', 'desc by default').choices(SORT_ORDERS))
    .option('--limit <count>', 'the most keys to list, up to 100; 50 by default', parseCount)
    .addOption(
      new Option('--offset <count>', 'how many keys to skip').argParser(parseCount).conflicts(['cursor']),
    )
    .option('--cursor <cursor>', 'the nextCursor of the previous page, as --json prints it')
    .addOption(new Option('--all', 'list every page').conflicts(['limit', 'offset', 'cursor']));
  return withConnection(command)
    .addHelpText(
      'after',
      example('latchkey keys list --status active --unused-since 2026-08-01 --sort-by lastUsedAt'),
    )
    .action((options: ListOptions) => list(terminal, options));
}

async function list(terminal: Terminal, options: ListOptions): Promise<void> {
  const latchkey = await connect(terminal, options);
  const result = options.all
    ? await everyPage(terminal, latchkey, queryOf(options))
    : await latchkey.keys.list(queryOf(options));
  const { apiKeys, pagination } = result;
  print(terminal, options, result, (style) => rows(terminal, apiKeys, style));
  if (options.json) return;
  if (pagination.hasNext) note(terminal, nextPage(options, apiKeys.length, pagination));
  if (options.status === undefined) await noteHidden(terminal, latchkey, queryOf(options));
}

function nextPage(
  { cursor }: ListOptions,
  shown: number,
  { total, offset, nextCursor }: PaginationBody,
): string {
  const next = offset + shown;
  const advice =
    cursor === undefined
      ? `${next} of ${total} keys; see more with --offset ${next}`
      : `${shown} of ${total} keys; see more with --cursor ${nextCursor}`;
  return `${advice}, or all with --all`;
}

/** Lists without a status omit revoked keys: prints how many of them match. */
async function noteHidden(terminal: Terminal, latchkey: Latchkey, query: ListQuery): Promise<void> {
  const { limit: _limit, offset: _offset, cursor: _cursor, ...filter } = query;
  const { pagination } = await latchkey.keys.list({ ...filter, status: 'revoked', limit: 1 });
  if (pagination.total > 0)
    note(terminal, `${countOf(pagination.total, 'revoked key')} not shown; see them with --status revoked`);
}

function queryOf({
  user,
  status,
  search,
  permission,
  limit,
  offset,
  cursor,
  ...rest
}: ListOptions): ListQuery {
  const { expiresBefore, unusedSince, sortBy, sortOrder } = rest;
  const filter = { userId: user, status, search, permission, expiresBefore, unusedSince };
  return omitUndefined({ ...filter, sortBy, sortOrder, limit, offset, cursor });
}

function rows({ stdout }: Terminal, apiKeys: readonly ApiKeyBody[], style: Style): string[] {
  if (apiKeys.length === 0) return ['No keys.'];
  return table(KEY_COLUMNS, apiKeys, style, widthOf(stdout));
}

/** All matching keys in the form of one page. */
async function everyPage(terminal: Terminal, latchkey: Latchkey, query: ListQuery) {
  const apiKeys = await everyKey(terminal, latchkey, [query]);
  const { length } = apiKeys;
  return {
    apiKeys,
    pagination: {
      total: length,
      limit: length,
      offset: 0,
      hasNext: false,
      hasPrevious: false,
      nextCursor: null,
    },
  };
}
