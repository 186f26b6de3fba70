import { type AuditEventType, type LogEntryBody, SORT_ORDERS } from '@latchkey/contract';
import type { LogQuery } from '@latchkey/sdk';
import { Command, Option } from 'commander';
import { parseCount } from '../arguments.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { given } from '../given.ts';
import { example } from '../help.ts';
import { listing } from '../listing.ts';
import { note, print } from '../output.ts';
import type { Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { toMinute } from './key-view.ts';

interface ListOptions extends ConnectionOptions {
  readonly event?: AuditEventType;
  readonly actor?: string;
  readonly search?: string;
  readonly sortOrder?: NonNullable<LogQuery['sortOrder']>;
  readonly limit?: number;
  readonly offset?: number;
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
    .option('--event <type>', 'only entries of this type, such as api-key.revoked')
    .option('--actor <id>', 'only what this user did')
    .option('--search <text>', 'only entries with this in type, target, address of the actor or request id')
    .addOption(new Option('--sort-order <order>', 'desc by default').choices(SORT_ORDERS))
    .option('--limit <count>', 'how many at most, up to 100; 50 by default', parseCount)
    .option('--offset <count>', 'how many to pass over', parseCount);
  return withConnection(command)
    .addHelpText('after', example('latchkey logs list --event api-key.revoked --search dana@example.com'))
    .action((options: ListOptions) => listEntries(terminal, options));
}

async function listEntries(terminal: Terminal, options: ListOptions): Promise<void> {
  const latchkey = await connect(terminal, options);
  const { event, actor: actorId, search, sortOrder, limit, offset } = options;
  const query = given({ eventType: event, actorId, search, sortOrder, limit, offset });
  const result = await latchkey.auditLog.list(query);
  const hasDenied = result.logs.some((entry) => entry.metadata.refusal !== null); // words: the field of the contract
  const columns = hasDenied ? [...LOG_COLUMNS, DENIED_COLUMN] : LOG_COLUMNS;
  print(terminal, options, result, (style) => listing(terminal, columns, result.logs, style, 'No entries.'));
  if (options.json || !result.pagination.hasNext) return;
  const next = result.pagination.offset + result.logs.length;
  note(terminal, `${next} of ${result.pagination.total} entries; see more with --offset ${next}`);
}

function actor({ actorEmail, actorId }: LogEntryBody): string {
  return actorEmail ?? actorId ?? 'the service';
}
