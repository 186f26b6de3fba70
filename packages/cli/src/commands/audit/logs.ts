import { type AuditEventType, type LogEntryBody, SORT_ORDERS } from '@latchkey/contract';
import type { LogQuery } from '@latchkey/sdk';
import { Command, Option } from 'commander';
import { collectEvents, omitUndefined, parseCount } from '../../arguments.ts';
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts';
import { example } from '../../help.ts';
import { note, print } from '../../terminal/output.ts';
import { type Column, listing } from '../../terminal/table.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { toMinute } from '../keys/key-view.ts';

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

/** The column of denied calls. */
const DENIED_COLUMN: Column<LogEntryBody> = {
  title: 'DENIED',
  importance: 5,
  text: ({ metadata: { refusal } }) => refusal ?? '',
  format: () => 'red',
};

export function logs(terminal: Terminal): Command {
  return new Command('logs')
    .summary('read the audit log')
    .description('Reads the audit log of the workspace.')
    .addCommand(list(terminal))
    .addHelpText('after', example('latchkey logs list --event api-key.revoked'));
}

function list(terminal: Terminal): Command {
  const command = new Command('list')
    .summary('list entries of the audit log')
    .description('Lists who changed what, newest first.')
    .option('--event <list>', 'only entries of these types, such as api-key.revoked', collectEvents)
    .option('--actor <id>', 'only changes by this user')
    .option('--target <id>', 'only changes of this key, member, role or other object')
    .option('--from <instant>', 'only entries at or after this time')
    .option('--to <instant>', 'only entries before this time')
    .option(
      '--search <text>',
      'only entries with this text in type, target, names, e-mail address of the actor or request id',
    )
    .addOption(new Option('--sort-order <order>', 'desc by default').choices(SORT_ORDERS))
    .option('--limit <count>', 'the most entries to list, up to 100; 50 by default', parseCount)
    .addOption(
      new Option('--offset <count>', 'how many entries to skip').argParser(parseCount).conflicts(['cursor']),
    )
    .option('--cursor <cursor>', 'the nextCursor of the previous page');
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
  const query = omitUndefined({
    eventType,
    actorId,
    targetId,
    from,
    to,
    search,
    sortOrder,
    limit,
    offset,
    cursor,
  });
  const result = await latchkey.auditLog.list(query);
  const hasDenied = result.logs.some((entry) => entry.metadata.refusal !== null);
  const columns = hasDenied ? [...LOG_COLUMNS, DENIED_COLUMN] : LOG_COLUMNS;
  print(terminal, options, result, (style) => listing(terminal, columns, result.logs, style, 'No entries.'));
  const { total, nextCursor } = result.pagination;
  if (options.json || nextCursor === null) return;
  // A search reads only part of the log in each call, so the next call may find more matches.
  const count =
    search === undefined ? `${result.logs.length} of ${total} entries` : `${result.logs.length} entries`;
  note(terminal, `${count}; see more with --cursor ${nextCursor}`);
}

function actor({ actorEmail, actorId }: LogEntryBody): string {
  return actorEmail ?? actorId ?? 'the service';
}
