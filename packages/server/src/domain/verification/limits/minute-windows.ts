const WINDOW_MS = 60_000;
const SLOT_MS = 1_000;
/** One slot more than a window has seconds: the newest and the oldest slot each cover a part of a second. */
const SLOTS = WINDOW_MS / SLOT_MS + 1;

/** Milliseconds for which a call counts. */
export const MINUTE_WINDOW_MS = WINDOW_MS;

/*
 * A window is 64 words: the second of its newest slot, the second of the oldest slot that may have calls, the calls of all
 * slots, and the slots. A slot is at the index of its second modulo the number of slots. Slots outside of oldest to newest
 * are zero.
 */
const NEWEST = 0;
const OLDEST = 1;
const USED = 2;
const FIRST_SLOT = 3;
const WINDOW_WORDS = FIRST_SLOT + SLOTS;

/**
 * A slot is one word: its number of calls, and in the low bits the millisecond within the slot at which the last call was
 * made. The maximum number is above every limit.
 */
const LATEST_BITS = 10;
const LATEST_MASK = 2 ** LATEST_BITS - 1;
const COUNT_MAX = 2 ** (32 - LATEST_BITS) - 1;

/** Windows in one block of memory, a power of two. A block for each window would take several times its size. */
const BLOCK_BITS = 8;
const BLOCK_WINDOWS = 2 ** BLOCK_BITS;

/** The number of a window. */
export type Window = number;

/**
 * A sliding-window counter of calls over the last 60 seconds, in slots of one second. The calls of a slot count until the
 * last of them is 60 seconds old. That counts a call for up to a second too long, so no 60 seconds ever have more calls
 * than the limit, and at least 60/61 of the limit is usable. When the clock goes back, the newest slot is used.
 *
 * Call `turnTo` first: the other methods work at the instant that the window was last turned to.
 */
export class MinuteWindows {
  readonly #blocks: Uint32Array[] = [];
  readonly #free: Window[] = [];

  /** An empty window that no other caller uses. Return it with `giveBack`. */
  take(): Window {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const first = this.#blocks.length * BLOCK_WINDOWS;
    this.#blocks.push(new Uint32Array(BLOCK_WINDOWS * WINDOW_WORDS));
    for (let window = first + BLOCK_WINDOWS - 1; window > first; window--) this.#free.push(window);
    return first;
  }

  /** Clears the window for reuse. The caller must not use it afterwards. */
  giveBack(window: Window): void {
    const start = startOf(window);
    this.#blockOf(window).fill(0, start, start + WINDOW_WORDS);
    this.#free.push(window);
  }

  /** Drops the calls that are older than 60 seconds at `now`, in milliseconds. */
  turnTo(window: Window, now: number): void {
    const block = this.#blockOf(window);
    const start = startOf(window);
    const newest = Math.max(read(block, start + NEWEST), Math.floor(now / SLOT_MS));
    let oldest = read(block, start + OLDEST);
    while (oldest < newest && dropIfExpired(block, start, oldest, newest, now)) {
      oldest = read(block, start + USED) === 0 ? newest : oldest + 1;
    }
    block[start + NEWEST] = newest;
    block[start + OLDEST] = oldest;
  }

  /** The number of calls in the window. */
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

  /** Milliseconds from `now`, to which the window must have been turned, until at most `target` calls count. */
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

  /** True when the window was turned to so long ago that none of its calls count. */
  isIdle(window: Window, now: number): boolean {
    return now - read(this.#blockOf(window), startOf(window) + NEWEST) * SLOT_MS >= WINDOW_MS + SLOT_MS;
  }

  #blockOf(window: Window): Uint32Array {
    return this.#blocks[window >>> BLOCK_BITS] ?? NO_BLOCK;
  }
}

const NO_BLOCK = new Uint32Array(0);

/** True when the slot of this second has no calls that count; empties it then. */
function dropIfExpired(
  block: Uint32Array,
  start: number,
  second: number,
  newest: number,
  now: number,
): boolean {
  const place = placeOf(start, second);
  const slot = read(block, place);
  const calls = callsIn(slot);
  // After SLOTS seconds the index of a slot is used by another second, whatever the clock says.
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
