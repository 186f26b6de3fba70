import type { Config, Copied, MigratedSchema } from '@latchkey/server';
import { Command } from 'commander';
import { usageFailure } from '../../failure.ts';
import { example } from '../../help.ts';
import { note, print, printable } from '../../terminal/output.ts';
import { progressLine } from '../../terminal/progress.ts';
import { count } from '../../terminal/quantities.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { type LocalOptions, localConfig, onService, withLocal } from './host-options.ts';

interface MigrateOptions extends LocalOptions {
  readonly to?: string;
  readonly dryRun?: boolean;
  /** False with `--no-copy`. */
  readonly copy: boolean;
}

export function migrate(terminal: Terminal): Command {
  const command = new Command('migrate')
    .summary('migrate the schema, or copy everything to another database')
    .description(
      [
        'Without --to, migrates the schema of the database to this version, as the first start of a new version does. With PostgreSQL, run it ahead of a rolling upgrade: instances of the version before go on. A database file is copied first, to FILE.before-<migration>; the service must be stopped.',
        'With --to, copies everything to an empty database, from SQLite to PostgreSQL or back, while no service is running. All is copied in one transaction and read again on both sides to compare their checksums, and the audit log is verified. If that fails or is interrupted, the other database stays empty. The old database is not changed.',
      ].join('\n\n'),
    )
    .option('--to <url>', 'copy to this database, like postgres://user@host/name or file:./data/latchkey.db')
    .option('--dry-run', 'print the migrations that would be run, and run none')
    .option('--no-copy', 'do not copy a database file before its schema is migrated');
  return withLocal(command)
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', example('latchkey migrate --to postgres://latchkey@db.example.com/latchkey'))
    .action((options: MigrateOptions) => onService(() => run(terminal, options)));
}

async function run(terminal: Terminal, options: MigrateOptions): Promise<void> {
  const { migrateSchema, pendingMigrations } = await import('@latchkey/server');
  const { to, dryRun, copy } = options;
  if (to !== undefined && dryRun)
    throw usageFailure('--dry-run is for the schema; it cannot be used with --to');
  const config = await localConfig(terminal, options);
  if (to !== undefined) return copyAll(terminal, options, config, to);
  if (dryRun) {
    const pending = await pendingMigrations(config);
    print(terminal, options, { pending }, () =>
      pending.length === 0 ? ['The schema is that of this version.'] : ['Would run:', ...indented(pending)],
    );
    return;
  }
  const migrated = await migrateSchema(config, { withoutCopy: !copy });
  print(terminal, options, migrated, () => schemaLines(migrated));
}

async function copyAll(
  terminal: Terminal,
  options: MigrateOptions,
  config: Config,
  to: string,
): Promise<void> {
  const { copyTo } = await import('@latchkey/server');
  const lines = {
    copy: progressLine(terminal, 'Copying the rows'),
    compare: progressLine(terminal, 'Comparing both sides'),
    'verify the audit log': progressLine(terminal, 'Verifying the audit log'),
  };
  const started = performance.now();
  const copied = await copyTo(config, {
    to,
    withoutCopy: !options.copy,
    onProgress: (step, part) => lines[step].show(part),
  }).finally(() => {
    for (const { clear } of Object.values(lines)) clear();
  });
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  print(terminal, options, { ...copied, seconds }, () => copyLines(copied, seconds));
  note(
    terminal,
    `Start the service with DATABASE_URL set to the new database, and the same pepper: ${config.pepperFile}. Do not start it over the old database again: keys that are revoked in one are valid in the other.`,
  );
}

function schemaLines({ migrations, copy }: MigratedSchema): string[] {
  if (migrations.length === 0) return ['The schema is that of this version; nothing was changed.'];
  return [
    'Migrated the schema:',
    ...indented(migrations),
    ...(copy === null ? [] : [printable(`The database from before is ${copy}; delete it when all is well.`)]),
  ];
}

function copyLines({ rows, keys, auditEntries, checksum, ...migrated }: Copied, seconds: number): string[] {
  return [
    ...(migrated.migrations.length === 0 ? [] : schemaLines(migrated)),
    `Copied ${count(rows, 'row')} in ${seconds} s: ${count(keys, 'key')}, ${count(auditEntries, 'audit entry').replace(/entrys$/, 'entries')}.`,
    `Both sides have the checksum ${checksum}. The audit log is intact.`,
  ];
}

function indented(names: readonly string[]): string[] {
  return names.map((name) => `  ${printable(name)}`);
}
