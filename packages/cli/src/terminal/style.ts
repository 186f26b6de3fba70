import { styleText } from 'node:util';
import type { Output } from './terminal.ts';

export type Format = 'bold' | 'dim' | 'green' | 'red' | 'yellow';

export type Style = (format: Format, text: string) => string;

/** Colours for `output`: only on a terminal, and not if NO_COLOR is set (https://no-color.org). */
export function styleFor(output: Output, env: NodeJS.ProcessEnv): Style {
  const isWanted = output.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  return isWanted ? (format, text) => styleText(format, text, { validateStream: false }) : (_, text) => text;
}
