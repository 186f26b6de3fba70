import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { audit } from './commands/audit.ts';
import { doctor } from './commands/doctor.ts';
import { init } from './commands/init.ts';
import { keys } from './commands/keys.ts';
import { permissions } from './commands/permissions.ts';
import { recover } from './commands/recover.ts';
import { serve } from './commands/serve.ts';
import { signIn } from './commands/sign-in.ts';
import { complain } from './complain.ts';
import { EXIT, type ExitCode, exitCodeHelp } from './exit-codes.ts';
import { bindToTerminal, example, isHelp } from './help.ts';
import { refuseKeysIn } from './key-text.ts';
import type { Terminal } from './terminal.ts';

/** Runs the program with its arguments, prints what there is to say, and returns the exit code. Never throws. */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    refuseKeysIn(args);
    await createProgram(terminal).parseAsync(args, { from: 'user' });
    return terminal.exitCode;
  } catch (error) {
    if (isHelp(error)) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return complain(terminal, error, args.includes('--json'));
  }
}

/** Every command of the program, printing to the terminal. */
export function createProgram(terminal: Terminal): Command {
  const program = new Command('latchkey')
    .description('Issues, verifies and revokes API keys on your own machines.')
    .version(version(), '--version', 'print the version');
  for (const make of [init, serve, signIn, recover, keys, permissions, audit, doctor])
    program.addCommand(make(terminal));
  program.addHelpText('after', `\n${exitCodeHelp()}\n${example('latchkey serve --init')}`);
  return bindToTerminal(program, terminal);
}

function version(): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  return manifest.version;
}
