import type { Clock, MonotonicClock } from '../domain/shared/clock.ts';

/** How far the clock of the store may differ from both clocks of this machine between two answers. */
const CLOCK_STEP_MS = 1_000;

type Range = readonly [least: number, greatest: number];

/** The offset of the clock of the store from both clocks of this machine. */
interface Offsets {
  readonly monotonic: Range;
  readonly wall: Range;
}

/** Compares the clock of the counter store with both clocks of this machine. */
export class StoreClock {
  readonly #clock: Clock & MonotonicClock;
  #offsets: Offsets | null = null;

  constructor(clock: Clock & MonotonicClock) {
    this.#clock = clock;
  }

  /**
   * Takes the time of the store in an answer that has just arrived. `sentAt`: when it was asked for, by the monotonic clock. True
   * if the clock of the store was set since the answer before. A machine that was suspended has the same wall clock as the store.
   */
  isSet(sentAt: number, storeNow: number): boolean {
    const at = this.#clock.monotonic();
    const tookMs = at - sentAt;
    const since = (now: number): Range => [storeNow - now, storeNow - now + tookMs];
    const before = this.#offsets;
    const offsets = { monotonic: since(at), wall: since(this.#clock.now()) };
    this.#offsets = offsets;
    return (
      before !== null && differ(before.monotonic, offsets.monotonic) && differ(before.wall, offsets.wall)
    );
  }
}

function differ([least, greatest]: Range, [nextLeast, nextGreatest]: Range): boolean {
  return nextLeast - greatest > CLOCK_STEP_MS || least - nextGreatest > CLOCK_STEP_MS;
}
