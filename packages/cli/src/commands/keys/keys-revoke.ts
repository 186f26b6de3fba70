import type { deleteApiKey, deleteApiKeys, ResultOf } from '@latchkey/contract';
import { Command } from 'commander';
import { collectIds, omitUndefined } from '../../arguments.ts';
import { type ConnectionOptions, connect, withConnection } from '../../connection.ts';
import { EXIT } from '../../exit-codes.ts';
import { example } from '../../help.ts';
import { type ConsentOption, requireConsent, YES_OPTION } from '../../terminal/confirm.ts';
import { print, printable } from '../../terminal/output.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { FORCE_OPTION } from './key-options.ts';
import { endedLines, receiptLines, revokeQuestion } from './revoke-view.ts';

interface RevokeOptions extends ConnectionOptions, ConsentOption {
  readonly reason?: string;
  readonly cascade?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly wait?: boolean;
}

export function keysRevoke(terminal: Terminal): Command {
  const command = new Command('revoke')
    .summary('revoke keys permanently')
    .description('Revokes keys permanently. A revoked key cannot be restored.')
    .argument('<id...>', 'the ids of the keys', collectIds)
    .option(
      '--reason <text>',
      'stored with the key; COMPROMISED also revokes the keys it made, like --cascade',
    )
    .option('--cascade', 'also revoke every key that these keys made')
    .option('--dry-run', 'show what would be revoked, and change nothing')
    .option('--wait', 'wait until every instance has confirmed, at most 5 seconds, and show when each did')
    .option(...FORCE_OPTION)
    .option(...YES_OPTION);
  return withConnection(command)
    .addHelpText(
      'after',
      example('latchkey keys revoke key_01kat3g7y8e2f9qk5m4x0v6zrb --reason "left the team" --yes'),
    )
    .action((ids: string[], options: RevokeOptions) => revoke(terminal, ids, options));
}

async function revoke(terminal: Terminal, ids: readonly string[], options: RevokeOptions): Promise<void> {
  const latchkey = await connect(terminal, options);
  const { reason, cascade, force, dryRun, wait } = options;
  if (!dryRun)
    await requireConsent(terminal, options, () => revokeQuestion(terminal, latchkey, ids, cascade));
  const body = omitUndefined({ reason, cascade, force, dryRun, wait });
  const remark = dryRun ? ['This was a dry run: nothing was changed.'] : [];
  const [id, ...others] = ids;
  if (id !== undefined && others.length === 0) {
    const result = await latchkey.keys.revoke(id, body);
    const ended = options.json ? [] : await endedLines(latchkey, result.ended);
    print(terminal, options, result, () => [
      ...describeOne(result),
      ...ended,
      ...receiptLines(result),
      ...remark,
    ]);
    return;
  }
  const result = await latchkey.keys.revokeMany([...ids], body);
  const ended = options.json ? [] : await endedLines(latchkey, result.ended);
  print(terminal, options, result, () => [
    ...describeMany(result),
    ...ended,
    ...receiptLines(result),
    ...remark,
  ]);
  if (result.errors.length > 0) terminal.exitCode = exitCodeFor(result);
}

function describeOne({ apiKey, livingDescendants }: ResultOf<typeof deleteApiKey>): string[] {
  const revoked = printable(`Revoked ${apiKey.id} (${apiKey.name}, ${apiKey.key}).`);
  if (livingDescendants === 0) return [revoked];
  const many =
    livingDescendants === 1 ? 'One key that it made lives' : `${livingDescendants} keys that it made live`;
  return [revoked, `${many} on; revoke again with --cascade to end them too.`];
}

function describeMany({ deleted, errors }: ResultOf<typeof deleteApiKeys>): string[] {
  return [
    ...deleted.map((id) => printable(`Revoked ${id}.`)),
    ...errors.map(({ id, error }) => printable(`Not revoked: ${id} (${error}).`)),
  ];
}

function exitCodeFor({ deleted, errors }: ResultOf<typeof deleteApiKeys>) {
  const nothingFound = deleted.length === 0 && errors.every(({ code }) => code === 'NOT_FOUND');
  return nothingFound ? EXIT.notFound : EXIT.failure;
}
