import { type AuditEventType, type LogEntryBody, SORT_ORDERS } from '@latchkey/contract';
import type { LogQuery } from '@latchkey/sdk';
import { Command, Option } from 'commander';
import { collectEvents, parseCount } from '../arguments.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { given } from '../given.ts';
import { example } from '../help.ts';
import { listing } from '../listing.ts';
import { note, print } from '../output.ts';
import type { Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { toMinute } from './key-view.ts';

interface ListOptions extends ConnectionOptions {
  readonly event?: AuditEventType[];
  readonly actor?: string;
  readonly target?: string;
  readonly from?: string;
  readonly to?: string;
  readonly search?: string;
  readonly sortOrder?: NonNullable<LogQuery['sortOrder']>;
  readonly limit?: number;
  readonly offset?: number;
  readonly cursor?: string;
}

const LOG_COLUMNS: readonly Column<LogEntryBody>[] = [
  { title: 'WHEN', importance: 9, text: ({ createdAt }) => toMinute(createdAt, '') },
  { title: 'EVENT', importance: 8, text: ({ eventType }) => eventType },
  { title: 'BY', importance: 7, widthMin: 12, text: actor },
  { title: 'TARGET', importance: 6, text: ({ metadata }) => metadata.target.id },
  { title: 'NUMBER', importance: 4, text: ({ metadata }) => String(metadata.sequence) },
];

/** Of the calls that were denied. */
const DENIED_COLUMN: Column<LogEntryBody> = {
  title: 'DENIED',
  importance: 5,
  // words: the field of the contract
  text: ({ metadata: { refusal } }) => refusal ?? '',
  format: () => 'red',
};

export function logs(terminal: Terminal): Command {
  return new Command('logs')
    .summary('look into the audit log')
    .description('Looks into the audit log of the workspace.')
    .addCommand(list(terminal))
    .addHelpText('after', example('latchkey logs list --event api-key.revoked'));
}

function list(terminal: Terminal): Command {
  const command = new Command('list')
    .summary('list entries of the audit log')
    .description('Lists who changed what, the newest first.')
    .option('--event <list>', 'only entries of these types, such as api-key.revoked', collectEvents)
    .option('--actor <id>', 'only what this user did')
    .option('--target <id>', 'only changes of this key, member, role or other thing')
    .option('--from <instant>', 'only entries of this instant and later ones')
    .option('--to <instant>', 'only entries before this instant')
    .option(
      '--search <text>',
      'only entries with this in type, target, names, address of the actor or request id',
    )
    .addOption(new Option('--sort-order <order>', 'desc by default').choices(SORT_ORDERS))
    .option('--limit <count>', 'how many at most, up to 100; 50 by default', parseCount)
    .addOption(
      new Option('--offset <count>', 'how many to pass over').argParser(parseCount).conflicts(['cursor']),
    )
    .option('--cursor <cursor>', 'the nextCursor of the page before');
  return withConnection(command)
    .addHelpText(
      'after',
      example(
        'latchkey logs list --event api-key.revoked,api-key.rotated --from 2026-11-01T00:00:00Z',
        'latchkey logs list --search dana@example.com',
      ),
    )
    .action((options: ListOptions) => listEntries(terminal, options));
}

async function listEntries(terminal: Terminal, options: ListOptions): Promise<void> {
  const latchkey = await connect(terminal, options);
  const { event: eventType, actor: actorId, target: targetId, ...rest } = options;
  const { from, to, search, sortOrder, limit, offset, cursor } = rest;
  const query = given({ eventType, actorId, targetId, from, to, search, sortOrder, limit, offset, cursor });
  const result = await latchkey.auditLog.list(query);
  const hasDenied = result.logs.some((entry) => entry.metadata.refusal !== null); // words: the field of the contract
  const columns = hasDenied ? [...LOG_COLUMNS, DENIED_COLUMN] : LOG_COLUMNS;
  print(terminal, options, result, (style) => listing(terminal, columns, result.logs, style, 'No entries.'));
  const { total, nextCursor } = result.pagination;
  if (options.json || nextCursor === null) return;
  // A search reads a part of the log in each call, and may have more matches in the next.
  const count =
    search === undefined ? `${result.logs.length} of ${total} entries` : `${result.logs.length} entries`;
  note(terminal, `${count}; see more with --cursor ${nextCursor}`);
}

function actor({ actorEmail, actorId }: LogEntryBody): string {
  return actorEmail ?? actorId ?? 'the service';
}
