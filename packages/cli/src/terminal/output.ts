import { asInvoked } from '../invocation.ts';
import { printable, printableJson } from '../printable.ts';
import { type Style, styleFor } from './style.ts';
import type { Terminal } from './terminal.ts';

/** The option of every command. */
export interface JsonOption {
  readonly json?: boolean;
}

/** Prints the result of a command: `value` as one line of JSON with --json, otherwise `lines` for people. */
export function print(
  terminal: Terminal,
  { json }: JsonOption,
  value: unknown,
  lines: (style: Style) => readonly string[],
): void {
  const text = json ? printableJson(value) : lines(styleFor(terminal.stdout, terminal.env)).join('\n');
  terminal.stdout.write(`${text}\n`);
}

/** Prints a note to standard error. */
export function note(terminal: Terminal, text: string): void {
  terminal.stderr.write(`${printable(asInvoked(text, terminal.env))}\n`);
}

export function warn(terminal: Terminal, text: string): void {
  const style = styleFor(terminal.stderr, terminal.env);
  terminal.stderr.write(`${style('yellow', 'warning:')} ${printable(asInvoked(text, terminal.env))}\n`);
}
