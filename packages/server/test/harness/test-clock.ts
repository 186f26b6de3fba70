import type { Clock, MonotonicClock } from '../../src/domain/shared/clock.ts';

/** A clock that moves only when a test moves it. */
export class TestClock implements Clock, MonotonicClock {
  #now: number;
  #passed = 0;

  constructor(start = Date.parse('2026-11-23T09:00:00.000Z')) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#passed;
  }

  advance(ms: number): void {
    this.#now += ms;
    this.#passed += ms;
  }

  /** Lets time pass until the instant. For an instant in the past, only the time of day is set back. */
  set(instant: string): void {
    const before = this.#now;
    this.#now = Date.parse(instant);
    this.#passed += Math.max(0, this.#now - before);
  }

  /** Sets the time of day forward or back, as an administrator does: no time passes. */
  adjust(ms: number): void {
    this.#now += ms;
  }
}
