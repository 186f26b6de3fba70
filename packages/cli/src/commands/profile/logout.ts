import { Command } from 'commander';
import { EXIT } from '../../exit-codes.ts';
import { Failure } from '../../failure.ts';
import { example } from '../../help.ts';
import { readProfiles, writeProfiles } from '../../profile-file.ts';
import { type JsonOption, note, print } from '../../terminal/output.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { profileNameOf, profileOption } from './login.ts';

interface LogoutOptions extends JsonOption {
  readonly profile?: string;
}

export function logout(terminal: Terminal): Command {
  return new Command('logout')
    .summary('remove a stored key from this machine')
    .description('Removes a stored key from this machine. The key itself stays valid.')
    .addOption(profileOption())
    .option('--json', 'print the result as one line of JSON')
    .addHelpText('after', example('latchkey logout --profile staging'))
    .action((options: LogoutOptions) => remove(terminal, options));
}

async function remove(terminal: Terminal, options: LogoutOptions): Promise<void> {
  const name = profileNameOf(terminal, options.profile);
  const { [name]: removed, ...others } = await readProfiles(terminal.env);
  if (!removed) {
    const message = `there is no profile ${name}`;
    const hint = 'run latchkey profiles list to see the stored profiles';
    throw new Failure({ exitCode: EXIT.notFound, code: 'NOT_FOUND', message, hint });
  }
  await writeProfiles(terminal.env, others);
  print(terminal, options, { profile: name }, () => [`Removed the profile ${name}.`]);
  if (!options.json) note(terminal, 'The key itself stays valid; latchkey keys revoke ends it.');
}
