import type { Terminal } from './terminal/terminal.ts';

const START_OF_LINE = '\r\u001b[K';

/** Shows the progress of long work in one line on standard error. Writes nothing if that is not a terminal. */
export function progressLine({ stderr }: Terminal, what: string) {
  let isShown = false;
  return {
    /** The completed fraction, from 0 to 1. */
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
