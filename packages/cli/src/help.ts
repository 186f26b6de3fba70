import { type Command, CommanderError } from 'commander';
import { asInvoked } from './invocation.ts';
import { type Terminal, widthOf } from './terminal/terminal.ts';

/** The width of help texts without a terminal, in columns. */
const HELP_WIDTH = 100;

/** The example at the end of a help text. */
export function example(...lines: readonly string[]): string {
  return ['', 'Example:', ...lines.map((line) => `  ${line}`)].join('\n');
}

/**
 * Makes the command and its subcommands print to the terminal, and throw CommanderError instead of ending the process. The
 * caller prints usage errors.
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

/** Was the error thrown only because help or the version was printed? */
export function isHelp(error: unknown): error is CommanderError {
  return error instanceof CommanderError && (error.exitCode === 0 || error.code === 'commander.help');
}
