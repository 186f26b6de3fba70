import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { audit } from './commands/audit.ts';
import { backup } from './commands/backup.ts';
import { completion, withCompletions } from './commands/completion.ts';
import { doctor } from './commands/doctor.ts';
import { init } from './commands/init.ts';
import { keys } from './commands/keys.ts';
import { login } from './commands/login.ts';
import { logout } from './commands/logout.ts';
import { logs } from './commands/logs.ts';
import { invitations } from './commands/people/invitations.ts';
import { members } from './commands/people/members.ts';
import { roles } from './commands/people/roles.ts';
import { sessions } from './commands/people/sessions.ts';
import { workspaces } from './commands/people/workspaces.ts';
import { permissions } from './commands/permissions.ts';
import { profiles } from './commands/profiles.ts';
import { recover } from './commands/recover.ts';
import { restore } from './commands/restore.ts';
import { serve } from './commands/serve.ts';
import { signIn } from './commands/sign-in.ts';
import { complain } from './complain.ts';
import { EXIT, type ExitCode, exitCodeHelp } from './exit-codes.ts';
import { bindToTerminal, example, isHelp } from './help.ts';
import { refuseKeysIn } from './key-text.ts';
import type { Terminal } from './terminal.ts';

/** In the order of the help text. */
const COMMANDS = [
  init,
  serve,
  signIn,
  recover,
  login,
  logout,
  profiles,
  keys,
  members,
  roles,
  invitations,
  workspaces,
  sessions,
  permissions,
  logs,
  audit,
  backup,
  restore,
  doctor,
  completion,
];

/** Runs the program with its arguments, prints its output and returns the exit code. Never throws. */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    refuseKeysIn(args);
    const program = createProgram(terminal);
    if (args[0] === 'complete') await withCompletions(program);
    await program.parseAsync(args, { from: 'user' });
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
  for (const make of COMMANDS) program.addCommand(make(terminal));
  program.addHelpText('after', `\n${exitCodeHelp()}\n${example('latchkey serve --init')}`);
  return bindToTerminal(program, terminal);
}

function version(): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  );
  return manifest.version;
}
