import type { deleteApiKey, deleteApiKeys, ResultOf } from '@latchkey/contract';
import { Command } from 'commander';
import { collectIds } from '../arguments.ts';
import { confirm } from '../confirm.ts';
import { type ConnectionOptions, connect, withConnection } from '../connection.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure, usageFailure } from '../failure.ts';
import { given } from '../given.ts';
import { example } from '../help.ts';
import { print } from '../output.ts';
import { printable } from '../printable.ts';
import { isInteractive, type Terminal } from '../terminal.ts';
import { FORCE_OPTION } from './key-options.ts';

interface RevokeOptions extends ConnectionOptions {
  readonly reason?: string;
  readonly cascade?: boolean;
  readonly force?: boolean;
  readonly yes?: boolean;
}

export function keysRevoke(terminal: Terminal): Command {
  const command = new Command('revoke')
    .summary('end keys for ever')
    .description('Ends keys for ever. A revoked key never comes back.')
    .argument('<id...>', 'the ids of the keys', collectIds)
    .option('--reason <text>', 'kept with the key; COMPROMISED takes the keys it made along, like --cascade')
    .option('--cascade', 'also revoke every key that these keys made')
    .option(...FORCE_OPTION)
    .option('--yes', 'do not ask');
  return withConnection(command)
    .addHelpText(
      'after',
      example('latchkey keys revoke key_01kat3g7y8e2f9qk5m4x0v6zrb --reason "left the team" --yes'),
    )
    .action((ids: string[], options: RevokeOptions) => revoke(terminal, ids, options));
}

async function revoke(terminal: Terminal, ids: readonly string[], options: RevokeOptions): Promise<void> {
  await requireConsent(terminal, ids, options);
  const latchkey = await connect(terminal, options);
  const { reason, cascade, force } = options;
  const body = given({ reason, cascade, force });
  const [id, ...others] = ids;
  if (id !== undefined && others.length === 0) {
    const result = await latchkey.keys.revoke(id, body);
    print(terminal, options, result, () => describeOne(result));
    return;
  }
  const result = await latchkey.keys.revokeMany([...ids], body);
  print(terminal, options, result, () => describeMany(result));
  if (result.errors.length > 0) terminal.exitCode = exitCodeFor(result);
}

async function requireConsent(
  terminal: Terminal,
  ids: readonly string[],
  { yes }: RevokeOptions,
): Promise<void> {
  if (yes) return;
  if (!isInteractive(terminal))
    throw usageFailure('nobody can be asked here', 'add --yes to revoke without a question');
  if (await confirm(terminal, `Revoke ${ids.join(', ')} for ever?`)) return;
  throw new Failure({ exitCode: EXIT.failure, code: 'NOT_CONFIRMED', message: 'nothing was revoked' });
}

function describeOne({ apiKey, livingDescendants }: ResultOf<typeof deleteApiKey>): string[] {
  const revoked = printable(`Revoked ${apiKey.id} (${apiKey.name}).`);
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
