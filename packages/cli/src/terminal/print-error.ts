import type { ExitCode } from '../exit-codes.ts';
import { type Failing, failingOf } from '../failure.ts';
import { asInvoked } from '../invocation.ts';
import { printable, printableJson } from './output.ts';
import { styleFor } from './style.ts';
import type { Terminal } from './terminal.ts';

/** Prints an error to standard error, as JSON if `json`, and returns its exit code. */
export function printError(terminal: Terminal, error: unknown, json: boolean): ExitCode {
  const failing = failingOf(error);
  const lines = json ? [asJson(failing)] : forPeople(terminal, failing);
  terminal.stderr.write(`${lines.join('\n')}\n`);
  if (terminal.env.LATCHKEY_DEBUG && error instanceof Error) terminal.stderr.write(`${error.stack}\n`);
  return failing.exitCode;
}

function asJson({ code, message, details = [], requestId }: Failing): string {
  return printableJson({ error: { code, message, details, requestId: requestId ?? null } });
}

function forPeople(terminal: Terminal, { message, details = [], requestId, hint }: Failing): string[] {
  const style = styleFor(terminal.stderr, terminal.env);
  return [
    `${style('red', 'error:')} ${printable(asInvoked(message, terminal.env))}`,
    ...details
      .map(({ field, message: why }) => `${field} ${why}`)
      .filter((detail) => detail !== message)
      .map((detail) => printable(`  ${detail}`)),
    ...(requestId === undefined ? [] : [printable(`  request ${requestId}`)]),
    ...(hint === undefined ? [] : [`${style('dim', 'hint:')} ${printable(asInvoked(hint, terminal.env))}`]),
  ];
}
