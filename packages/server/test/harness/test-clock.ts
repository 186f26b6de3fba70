import type { Clock } from '../../src/domain/shared/clock.ts';

/** A clock that moves only when it is told to. */
export class TestClock implements Clock {
  #now: number;

  constructor(start = Date.parse('2026-11-23T09:00:00.000Z')) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  advance(ms: number): void {
    this.#now += ms;
  }

  set(instant: string): void {
    this.#now = Date.parse(instant);
  }
}
