import type { Restored, RestoreRequest } from '@latchkey/server';
import { Command } from 'commander';
import { omitUndefined } from '../../arguments.ts';
import { usageFailure } from '../../failure.ts';
import { example } from '../../help.ts';
import { print, printable, warn } from '../../terminal/output.ts';
import { count, utc } from '../../terminal/quantities.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { type LocalOptions, localConfig, onService, withLocal } from './host-options.ts';

interface RestoreOptions extends LocalOptions {
  readonly force?: boolean;
  readonly auditExport?: string;
  readonly revokeAgain?: boolean;
}

export function restore(terminal: Terminal): Command {
  const command = new Command('restore')
    .summary('replace the database with a backup')
    .description(
      'Checks a backup and makes it the database of a stopped service. Changes made after the backup are lost: keys that were revoked since then are valid again until you revoke them again.',
    )
    .argument('<file>', 'the output file of latchkey backup')
    .option('--force', 'replace an existing database, which is moved aside')
    .option(
      '--audit-export <file>',
      'a later output of latchkey audit export: finds the keys that were revoked since the backup',
    )
    .option('--revoke-again', 'revoke these keys again');
  return withLocal(command)
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', example('latchkey restore latchkey-backup.db --data-dir ./data'))
    .action((file: string, options: RestoreOptions) =>
      onService(() => restoreBackup(terminal, file, options)),
    );
}

async function restoreBackup(terminal: Terminal, file: string, options: RestoreOptions): Promise<void> {
  const { restore: restoreFrom } = await import('@latchkey/server');
  const { force, auditExport, revokeAgain } = options;
  if (revokeAgain && auditExport === undefined)
    throw usageFailure('--revoke-again needs --audit-export, which lists the revoked keys');
  const config = await localConfig(terminal, options);
  const request: RestoreRequest = { file, ...omitUndefined({ force, auditExport, revokeAgain }) };
  const restored = await restoreFrom(config, request);
  const { lastChangeAt } = restored.contents;
  const contents = { ...restored.contents, lastChangeAt: utc(lastChangeAt) };
  print(terminal, options, { ...restored, madeAt: utc(restored.madeAt), contents }, () =>
    describe(restored).map(printable),
  );
  if (restored.pepper === 'missing')
    warn(
      terminal,
      `the pepper is not in the backup and not at ${config.pepperFile}. Put it there before you start: without it no key verifies`,
    );
}

function describe({ database, madeAt, contents, moved, pepper, since }: Restored): string[] {
  const { keys, members, workspaces, lastChangeAt } = contents;
  const when = madeAt === null ? 'a database without the time of a backup' : `the backup of ${utc(madeAt)}`;
  return [
    `Restored ${database} from ${when}.`,
    `${count(keys, 'key')}, ${count(members, 'member')}, ${count(workspaces, 'workspace')}; the last change is of ${utc(lastChangeAt)}.`,
    ...moved.map((path) => `What was there before is now ${path}.`),
    ...(pepper === 'restored' ? ['The pepper was in the backup and is in its place.'] : []),
    ...describeSince(since),
  ];
}

function describeSince(since: Restored['since']): string[] {
  if (!since)
    return [
      'Keys that were revoked after that are valid again. `--audit-export FILE` finds them in a newer export of the audit log.',
    ];
  const { entries, keys, isRevokedAgain, workspaceId } = since;
  const lost = `${count(entries, 'change')} of ${workspaceId} came after the backup and ${entries === 1 ? 'is' : 'are'} not in it`;
  if (keys.length === 0) return [`${lost}; no key of the backup was revoked by them.`];
  if (isRevokedAgain)
    return [`${lost}. Revoked again, ${count(keys.length, 'key')}:`, ...keys.map((id) => `  ${id}`)];
  return [
    `${lost}. ${count(keys.length, 'key')} that they revoked ${keys.length === 1 ? 'is' : 'are'} valid again. Start the service and revoke:`,
    `  latchkey keys revoke ${keys.join(' ')} --reason "Revoked again after a restore" --yes`,
  ];
}
