import { type Command, CommanderError } from 'commander';
import { asInvoked } from './invocation.ts';
import { type Terminal, widthOf } from './terminal.ts';

/** In columns, where there is no terminal to fit. */
const HELP_WIDTH = 100;

/** The end of a help text: how the command is really used. */
export function example(...lines: readonly string[]): string {
  return ['', 'Example:', ...lines.map((line) => `  ${line}`)].join('\n');
}

/**
 * Makes the command and all below it print to the terminal and throw CommanderError instead of ending the process. What
 * is wrong with the usage is left to whoever catches that.
 */
export function bindToTerminal(command: Command, terminal: Terminal): Command {
  command.exitOverride().configureOutput({
    writeOut: (text) => terminal.stdout.write(asInvoked(text, terminal.env)),
    writeErr: (text) => terminal.stderr.write(asInvoked(text, terminal.env)),
    outputError: () => undefined,
    getOutHelpWidth: () => widthOf(terminal.stdout) ?? HELP_WIDTH,
    getErrHelpWidth: () => widthOf(terminal.stderr) ?? HELP_WIDTH,
  });
  for (const subcommand of command.commands) bindToTerminal(subcommand, terminal);
  return command;
}

/** Did this error end the run because help or the version was printed? */
export function isHelp(error: unknown): error is CommanderError {
  return error instanceof CommanderError && (error.exitCode === 0 || error.code === 'commander.help');
}
