import { readFileSync } from 'node:fs';

const ECHO_LENGTH_MAX = 80;

/** What is wrong with a file of the operator, in one line. */
export class Unusable extends Error {}

/** The content of a JSON file that a setting names. Throws Unusable. */
export function readJsonFile(setting: string, path: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof SyntaxError) throw new Unusable(`it is not JSON: ${echo(message)}`);
    if (error instanceof TypeError) throw new Unusable('it is not UTF-8; save it as that');
    throw new Unusable(`it cannot be read (${code}); correct ${setting}`);
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** On one line, and short. */
export function echo(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length <= ECHO_LENGTH_MAX ? line : `${line.slice(0, ECHO_LENGTH_MAX)}…`;
}
