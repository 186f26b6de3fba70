import { asInvoked } from '../invocation.ts';
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

// Characters that can move the cursor, or colour, hide or reorder text on a terminal: controls, line and paragraph
// separators, lone surrogates and bidirectional formatting.
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** The text on one line, with each control character escaped as `\u{…}`. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => `\\u{${codeOf(character)}}`);
}

/** The value as one line of JSON. Control characters are escaped as in `printable`, and it parses to an equal value. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    UNPRINTABLE,
    (character) => `\\u${codeOf(character).padStart(4, '0')}`,
  );
}

function codeOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16);
}
