import type { Terminal } from './terminal.ts';

/** Shows the progress of long work on the terminal. */
export interface Progress {
  /** Reports that one more item is done. */
  advance(): void;
  /** Removes the bar from the screen. */
  stop(): void;
}

export const NO_PROGRESS: Progress = { advance: () => undefined, stop: () => undefined };
const WIDTH = 30;
/** The number of items between two redraws, so that drawing does not slow the work. */
const STEP = 50;

/**
 * A progress bar for `max` items on standard error; silent if that is not a terminal. Calls `max`, and loads the library
 * that draws the bar, only if there is a bar.
 */
export async function startProgress(
  { stderr, env }: Terminal,
  noun: string,
  max: () => Promise<number>,
): Promise<Progress> {
  if (!stderr.isTTY || env.TERM === 'dumb') return NO_PROGRESS;
  const { progress } = await import('@clack/prompts');
  const total = await max();
  const bar = progress({ max: Math.max(1, total), size: WIDTH, output: stderr, withGuide: false });
  let done = 0;
  bar.start(`0 of ${total} ${noun}`);
  return {
    advance() {
      done++;
      if (done % STEP === 0) bar.advance(STEP, `${done} of ${total} ${noun}`);
    },
    stop: () => bar.clear(),
  };
}

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
