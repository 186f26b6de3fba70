const WINDOW_MS = 60_000;
const SLOT_MS = 1_000;
/** The sixty seconds of a window touch one slot more: the present one and the oldest are both there in part. */
const SLOTS = WINDOW_MS / SLOT_MS + 1;

/** No call counts any more this long after it was made. */
export const MINUTE_WINDOW_MS = WINDOW_MS;

/*
 * A window is 64 words: the second of its newest slot, that of the oldest one that may have calls, the calls of all slots,
 * and the slots, of which each has the place of its second modulo their number. All others than those from oldest to
 * newest are zero.
 */
const NEWEST = 0;
const OLDEST = 1;
const USED = 2;
const FIRST_SLOT = 3;
const WINDOW_WORDS = FIRST_SLOT + SLOTS;

/**
 * A slot is one word: its calls, and in the low bits the millisecond of the slot at which the last of them was made. More
 * calls than fit are more than any limit.
 */
const LATEST_BITS = 10;
const LATEST_MASK = 2 ** LATEST_BITS - 1;
const COUNT_MAX = 2 ** (32 - LATEST_BITS) - 1;

/** Windows in one piece of memory, a power of two: a piece for each would take several times what stands in it. */
const BLOCK_BITS = 8;
const BLOCK_WINDOWS = 2 ** BLOCK_BITS;

/** One of the windows. */
export type Window = number;

/**
 * Counts calls over the last 60 seconds, in slots of a second. The calls of a slot count until the last of them is 60
 * seconds old: that errs on the safe side by less than a second, so no 60 seconds ever see more than the limit, and at
 * least 60/61 of it is usable. A clock that goes back is taken to stand still.
 *
 * What is asked of a window is told as of the instant that it was last turned to.
 */
export class MinuteWindows {
  readonly #blocks: Uint32Array[] = [];
  readonly #free: Window[] = [];

  /** A window in which nothing is counted, for the caller alone. */
  take(): Window {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const first = this.#blocks.length * BLOCK_WINDOWS;
    this.#blocks.push(new Uint32Array(BLOCK_WINDOWS * WINDOW_WORDS));
    for (let window = first + BLOCK_WINDOWS - 1; window > first; window--) this.#free.push(window);
    return first;
  }

  /** Whoever gives a window back must not use it any more. */
  giveBack(window: Window): void {
    const start = startOf(window);
    this.#blockOf(window).fill(0, start, start + WINDOW_WORDS);
    this.#free.push(window);
  }

  /** Calls that are over by `now` count no more from here on. */
  turnTo(window: Window, now: number): void {
    const block = this.#blockOf(window);
    const start = startOf(window);
    const newest = Math.max(read(block, start + NEWEST), Math.floor(now / SLOT_MS));
    let oldest = read(block, start + OLDEST);
    while (oldest < newest && isOver(block, start, oldest, newest, now)) {
      oldest = read(block, start + USED) === 0 ? newest : oldest + 1;
    }
    block[start + NEWEST] = newest;
    block[start + OLDEST] = oldest;
  }

  /** Calls that count. */
  used(window: Window): number {
    return read(this.#blockOf(window), startOf(window) + USED);
  }

  /** Counts calls made at `now`, to which the window must have been turned. */
  add(window: Window, cost: number, now: number): void {
    const block = this.#blockOf(window);
    const start = startOf(window);
    const newest = read(block, start + NEWEST);
    const place = placeOf(start, newest);
    const slot = read(block, place);
    const before = callsIn(slot);
    const calls = Math.min(before + cost, COUNT_MAX);
    const latest = Math.max(latestIn(slot), now - newest * SLOT_MS);
    block[place] = (calls << LATEST_BITS) | latest;
    block[start + USED] = read(block, start + USED) + calls - before;
  }

  /** Milliseconds from `now`, to which the window must have been turned, until no more than `target` calls count. */
  msUntilUsed(window: Window, target: number, now: number): number {
    const block = this.#blockOf(window);
    const start = startOf(window);
    const newest = read(block, start + NEWEST);
    let used = read(block, start + USED);
    for (let second = read(block, start + OLDEST); second <= newest && used > target; second++) {
      const slot = read(block, placeOf(start, second));
      used -= callsIn(slot);
      if (used <= target) return endOf(second, slot) - now;
    }
    return 0;
  }

  /** Has it not been turned for so long that no call of it counts any more? */
  isIdle(window: Window, now: number): boolean {
    return now - read(this.#blockOf(window), startOf(window) + NEWEST) * SLOT_MS >= WINDOW_MS + SLOT_MS;
  }

  #blockOf(window: Window): Uint32Array {
    return this.#blocks[window >>> BLOCK_BITS] ?? NO_BLOCK;
  }
}

const NO_BLOCK = new Uint32Array(0);

/** Empties the slot of this second where its calls count no more, or there are none. */
function isOver(block: Uint32Array, start: number, second: number, newest: number, now: number): boolean {
  const place = placeOf(start, second);
  const slot = read(block, place);
  const calls = callsIn(slot);
  // A second has the place of another one that is so many later, whatever the clock says.
  const counts = calls > 0 && newest - second < SLOTS && now < endOf(second, slot);
  if (counts) return false;
  block[place] = 0;
  block[start + USED] = read(block, start + USED) - calls;
  return true;
}

function startOf(window: Window): number {
  return (window & (BLOCK_WINDOWS - 1)) * WINDOW_WORDS;
}

function placeOf(start: number, second: number): number {
  return start + FIRST_SLOT + (second % SLOTS);
}

function read(block: Uint32Array, at: number): number {
  return block[at] ?? 0;
}

function callsIn(slot: number): number {
  return slot >>> LATEST_BITS;
}

function latestIn(slot: number): number {
  return slot & LATEST_MASK;
}

function endOf(second: number, slot: number): number {
  return second * SLOT_MS + latestIn(slot) + WINDOW_MS;
}
