import type { Terminal } from './terminal.ts';

/** Tells the person at the terminal how far long work has come. */
export interface Progress {
  /** One more item is done. */
  advance(): void;
  /** Takes the bar off the screen. */
  stop(): void;
}

export const NO_PROGRESS: Progress = { advance: () => undefined, stop: () => undefined };
const WIDTH = 30;
/** Items between two drawings, so that drawing does not slow the work. */
const STEP = 50;

/**
 * A bar on standard error for `max` items; silent unless a person watches it there. `max` is asked for only if there is a
 * bar. The library that draws it is loaded only then.
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
