import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { audit } from './commands/audit/audit.ts';
import { logs } from './commands/audit/logs.ts';
import { keys } from './commands/keys/keys.ts';
import { invitations } from './commands/people/invitations.ts';
import { members } from './commands/people/members.ts';
import { roles } from './commands/people/roles.ts';
import { sessions } from './commands/people/sessions.ts';
import { workspaces } from './commands/people/workspaces.ts';
import { completion, withCompletions } from './commands/profile/completion.ts';
import { login } from './commands/profile/login.ts';
import { logout } from './commands/profile/logout.ts';
import { profiles } from './commands/profile/profiles.ts';
import { backup } from './commands/service/backup.ts';
import { demo } from './commands/service/demo.ts';
import { doctor } from './commands/service/doctor.ts';
import { init } from './commands/service/init.ts';
import { migrate } from './commands/service/migrate.ts';
import { pepper } from './commands/service/pepper.ts';
import { permissions } from './commands/service/permissions.ts';
import { recover } from './commands/service/recover.ts';
import { restore } from './commands/service/restore.ts';
import { serve } from './commands/service/serve.ts';
import { signIn } from './commands/service/sign-in.ts';
import { system } from './commands/service/system.ts';
import { EXIT, type ExitCode, exitCodeHelp } from './exit-codes.ts';
import { bindToTerminal, example, isHelp } from './help.ts';
import { printError } from './terminal/print-error.ts';
import { requireNoKeysIn } from './terminal/secret-text.ts';
import type { Terminal } from './terminal/terminal.ts';

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
  migrate,
  pepper,
  system,
  doctor,
  demo,
  completion,
];

/** Runs the program with its arguments, prints its output and returns the exit code. Never throws. */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    requireNoKeysIn(args);
    const program = createProgram(terminal);
    if (args[0] === 'complete') await withCompletions(program);
    await program.parseAsync(args, { from: 'user' });
    return terminal.exitCode;
  } catch (error) {
    if (isHelp(error)) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return printError(terminal, error, args.includes('--json'));
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
