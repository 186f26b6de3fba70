import type { Recovered } from '@latchkey/server';
import { Command } from 'commander';
import { omitUndefined } from '../../arguments.ts';
import { EXIT } from '../../exit-codes.ts';
import { Failure } from '../../failure.ts';
import { example } from '../../help.ts';
import { SecretFile } from '../../secret-file.ts';
import { note, print, warn } from '../../terminal/output.ts';
import { type Fact, facts } from '../../terminal/table.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { SECRET_FILE_OPTION } from '../keys/show-minted.ts';
import { type HostOptions, localConfig, onService, withHost } from './host-options.ts';

interface RecoverOptions extends HostOptions {
  readonly secretFile?: string;
}

export function recover(terminal: Terminal): Command {
  const command = new Command('recover')
    .summary('get back in: a new key for an owner, on the machine of the service')
    .description(
      'Gives an owner a new key with every permission, and a sign-in link if the service runs. Needs no key: it asks the running service over the socket in the data folder, which only the user of the service can open, or works on the database while the service is stopped. A suspended owner is active again. No other key ends.',
    )
    .option(...SECRET_FILE_OPTION);
  return withHost(command)
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', example('latchkey recover --data-dir ./data'))
    .action((options: RecoverOptions) => onService(() => recoverOwner(terminal, options)));
}

async function recoverOwner(terminal: Terminal, options: RecoverOptions): Promise<void> {
  const { secretFile } = options;
  const file = secretFile === undefined ? null : await SecretFile.reserve(secretFile);
  const recovered = await ask(terminal, options).catch(async (error: unknown) => {
    await file?.abandon();
    throw error;
  });
  if (file) await save(file, recovered);
  const { key, ...rest } = recovered;
  const shown = file ? rest : recovered;
  print(terminal, options, shown, (style) => facts(factsOf(rest, file ? null : key), style));
  if (options.json) return;
  if (file) note(terminal, `The key is in ${file.path}.`);
  else warn(terminal, 'this is the only time the key is shown; store it now');
  note(terminal, 'If another key was lost, revoke it: latchkey keys list, latchkey keys revoke');
}

async function ask(terminal: Terminal, options: RecoverOptions) {
  const { workspace, user } = options;
  const { recover: recoverOn } = await import('@latchkey/server');
  const config = await localConfig(terminal, options);
  return recoverOn(config, omitUndefined({ workspaceId: workspace, userId: user }));
}

async function save(file: SecretFile, { key, keyId }: Recovered): Promise<void> {
  await file.save(key).catch((error: NodeJS.ErrnoException) => {
    throw new Failure({
      exitCode: EXIT.failure,
      code: 'SECRET_FILE',
      message: `the key ${keyId} was made, but ${file.path} cannot be written (${error.code})`,
      hint: 'run the command again, and revoke that key',
    });
  });
}

function factsOf(
  { workspaceId, userId, keyId, signInUrl, isReactivated }: Omit<Recovered, 'key'>,
  key: string | null,
): Fact[] {
  return [
    ['workspace', workspaceId],
    ['owner', isReactivated ? `${userId}, who was suspended and is active again` : userId],
    ['key id', keyId],
    ...(key === null ? [] : [['key', key] as const]),
    ['sign-in link', signInUrl ?? 'none: start the service, then run latchkey sign-in'],
  ];
}
