/** A clock that only tests move. All times are milliseconds since 1970. */
export class TestClock {
  #now: number;

  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  /** Lets `ms` milliseconds pass. Throws RangeError for a negative number. */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError('a clock cannot go back');
    this.#now += ms;
  }
}
