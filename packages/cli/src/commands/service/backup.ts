import type { BackupRequest } from '@latchkey/server';
import { Command } from 'commander';
import { omitUndefined } from '../../arguments.ts';
import { example } from '../../help.ts';
import { note, print, printable } from '../../terminal/output.ts';
import { progressLine } from '../../terminal/progress.ts';
import { bytes, count, utc } from '../../terminal/quantities.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { type LocalOptions, localConfig, onService, withLocal } from './host-options.ts';

interface BackupOptions extends LocalOptions {
  readonly force?: boolean;
  readonly withPepper?: boolean;
}

export function backup(terminal: Terminal): Command {
  const command = new Command('backup')
    .summary('copy the whole database into one file')
    .description(
      'Writes every acknowledged change into one file, which only its owner can read, and checks it. The service may be running. The pepper is not included: keep a copy of it elsewhere. Without it, no key of the backup verifies.',
    )
    .argument('<file>', 'the file to write, best on another disk')
    .option('--with-pepper', 'include the pepper; then the file is as secret as every key')
    .option('--force', 'replace the file if it exists');
  return withLocal(command)
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', example('latchkey backup /mnt/elsewhere/latchkey-backup.db'))
    .action((file: string, options: BackupOptions) => onService(() => writeBackup(terminal, file, options)));
}

async function writeBackup(terminal: Terminal, file: string, options: BackupOptions): Promise<void> {
  const { backUp } = await import('@latchkey/server');
  const { force, withPepper } = options;
  const config = await localConfig(terminal, options);
  const progress = progressLine(terminal, 'Copying the database');
  const request = { file, ...omitUndefined({ force, includePepper: withPepper }), onProgress: progress.show };
  const made = await backUp(config, request satisfies BackupRequest).finally(progress.clear);
  const { keys, members, workspaces, hasPepper, madeAt } = made;
  print(terminal, options, { ...made, madeAt: utc(madeAt), lastChangeAt: utc(made.lastChangeAt) }, () => [
    printable(`Wrote ${made.file} (${bytes(made.bytes)}), the state of ${utc(madeAt)}:`),
    `${count(keys, 'key')}, ${count(members, 'member')}, ${count(workspaces, 'workspace')}; checked.`,
  ]);
  note(
    terminal,
    hasPepper
      ? 'The pepper is in it: a person who reads the file can forge keys. Keep it as secret as the data folder.'
      : `The pepper is not in it, and without it no key of the backup verifies. Keep a copy of ${config.pepperFile} elsewhere.`,
  );
}
