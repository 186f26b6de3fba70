import type { Terminal } from './terminal.ts';

const START_OF_LINE = '\r\u001b[K';

/** A line on standard error that says how far long work is, for a person only: on anything else nothing is written. */
export function progressLine({ stderr }: Terminal, what: string) {
  let isShown = false;
  return {
    /** The part that is done, up to 1. */
    show(part: number): void {
      if (!stderr.isTTY) return;
      isShown = true;
      stderr.write(`${START_OF_LINE}${what}: ${Math.floor(part * 100)} %`);
    },
    clear(): void {
      if (isShown) stderr.write(START_OF_LINE);
      isShown = false;
    },
  };
}
