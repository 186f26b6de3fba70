import { MinuteWindow, WINDOW_SLOTS } from '../domain/verification/limits/minute-window.ts';

/** Windows in one piece of memory: a piece for each would take several times what stands in it. */
const AT_A_TIME = 256;

/** Hands out windows, and those that are given back again. */
export class MinuteWindows {
  readonly #free: MinuteWindow[] = [];

  /** A window in which nothing is counted. */
  take(): MinuteWindow {
    const free = this.#free.pop();
    if (free) return free;
    const [window, ...others] = newWindows();
    this.#free.push(...others);
    return window;
  }

  /** Whoever gives a window back must not use it any more. */
  giveBack(window: MinuteWindow): void {
    window.clear();
    this.#free.push(window);
  }
}

function newWindows(): [MinuteWindow, ...MinuteWindow[]] {
  const bytes = WINDOW_SLOTS * Uint32Array.BYTES_PER_ELEMENT;
  const memory = new ArrayBuffer(AT_A_TIME * bytes);
  const windowAt = (index: number) => new MinuteWindow(new Uint32Array(memory, index * bytes, WINDOW_SLOTS));
  const others = Array.from({ length: AT_A_TIME - 1 }, (_, index) => windowAt(index + 1));
  return [windowAt(0), ...others];
}
