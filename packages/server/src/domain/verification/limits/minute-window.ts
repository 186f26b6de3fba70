const WINDOW_MS = 60_000;
const SLOT_MS = 1_000;
/** The sixty seconds of the window touch one slot more: the present one and the oldest are both there in part. */
export const WINDOW_SLOTS = WINDOW_MS / SLOT_MS + 1;

/** No call counts any more this long after it was made. */
export const MINUTE_WINDOW_MS = WINDOW_MS;

/**
 * A slot is one word: its calls, and in the low bits the millisecond of the slot at which the last of them was made. More
 * calls than fit are more than any limit.
 */
const LATEST_BITS = 10;
const LATEST_MASK = 2 ** LATEST_BITS - 1;
const COUNT_MAX = 2 ** (32 - LATEST_BITS) - 1;

/**
 * Counts calls over the last 60 seconds, in slots of a second. The calls of a slot count until the last of them is 60
 * seconds old: that errs on the safe side by less than a second, so no 60 seconds ever see more than the limit, and at
 * least 60/61 of it is usable. A clock that goes back is taken to stand still.
 */
export class MinuteWindow {
  readonly #slots: Uint32Array;
  #newest = 0;
  #used = 0;

  /** `slots`: so many zeros as a window has slots, which are the window's from then on. */
  constructor(slots = new Uint32Array(WINDOW_SLOTS)) {
    this.#slots = slots;
  }

  used(now: number): number {
    this.#advance(now);
    return this.#used;
  }

  add(cost: number, now: number): void {
    this.#advance(now);
    const slot = this.#newest;
    const before = this.#countOf(slot);
    const count = Math.min(before + cost, COUNT_MAX);
    const latest = Math.max(this.#latestOf(slot), now - slot * SLOT_MS);
    this.#slots[placeOf(slot)] = (count << LATEST_BITS) | latest;
    this.#used += count - before;
  }

  /** Milliseconds until no more than `target` calls count; 0 where that is so now. */
  msUntilUsed(target: number, now: number): number {
    this.#advance(now);
    let used = this.#used;
    for (let slot = this.#newest - WINDOW_SLOTS + 1; slot <= this.#newest && used > target; slot++) {
      used -= this.#countOf(slot);
      if (used <= target) return this.#endOf(slot) - now;
    }
    return 0;
  }

  /** Forgets all calls, and the time. */
  clear(): void {
    this.#slots.fill(0);
    this.#newest = 0;
    this.#used = 0;
  }

  #advance(now: number): void {
    const slot = Math.floor(now / SLOT_MS);
    const steps = Math.min(slot - this.#newest, WINDOW_SLOTS);
    for (let step = 1; step <= steps; step++) this.#clear(this.#newest + step);
    if (steps > 0) this.#newest = slot;
    const oldest = this.#newest - WINDOW_SLOTS + 1;
    if (now >= this.#endOf(oldest)) this.#clear(oldest);
  }

  #clear(slot: number): void {
    this.#used -= this.#countOf(slot);
    this.#slots[placeOf(slot)] = 0;
  }

  #countOf(slot: number): number {
    return (this.#slots[placeOf(slot)] ?? 0) >>> LATEST_BITS;
  }

  #endOf(slot: number): number {
    return slot * SLOT_MS + this.#latestOf(slot) + WINDOW_MS;
  }

  #latestOf(slot: number): number {
    return (this.#slots[placeOf(slot)] ?? 0) & LATEST_MASK;
  }
}

function placeOf(slot: number): number {
  return ((slot % WINDOW_SLOTS) + WINDOW_SLOTS) % WINDOW_SLOTS;
}
