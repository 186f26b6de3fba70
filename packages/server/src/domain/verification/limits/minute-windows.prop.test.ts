import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MinuteWindows } from './minute-windows.ts';

const START = Date.parse('2026-11-23T09:00:00.000Z');
const WINDOW = 60_000;
/** More than one block of memory has. */
const KEYS = 300;

/** Milliseconds between two calls: bursts, ordinary gaps and long pauses. */
const gap = fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 3_000 }), fc.nat({ max: 130_000 }));

function worstWindow(times: readonly number[]): number {
  let worst = 0;
  let first = 0;
  times.forEach((time, last) => {
    while (time - (times[first] ?? 0) >= WINDOW) first++;
    worst = Math.max(worst, last - first + 1);
  });
  return worst;
}

/** A window that is turned to the instant of each call. */
function windowOf(windows = new MinuteWindows()) {
  const window = windows.take();
  return {
    used(now: number): number {
      windows.turnTo(window, now);
      return windows.used(window);
    },
    add(cost: number, now: number): void {
      windows.turnTo(window, now);
      windows.add(window, cost, now);
    },
    msUntilUsed(target: number, now: number): number {
      windows.turnTo(window, now);
      return windows.msUntilUsed(window, target, now);
    },
    giveBack: () => windows.giveBack(window),
  };
}

describe('MinuteWindows', () => {
  test('never allows more than the limit in any 60 seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.array(gap, { maxLength: 300 }), (limit, gaps) => {
        const window = windowOf();
        const admitted: number[] = [];
        let now = START;
        for (const wait of gaps) {
          now += wait;
          if (window.used(now) + 1 > limit) continue;
          window.add(1, now);
          admitted.push(now);
        }
        expect(worstWindow(admitted)).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 3_000 },
    );
  });

  test.each([1, 2, 60, 1_000, 100_000])(
    'allows at least 95 %% of a limit of %i under constant demand',
    (limit) => {
      const window = windowOf();
      const minutes = 20;
      let admitted = 0;
      for (let now = START; now < START + minutes * WINDOW; now += 25) {
        const free = limit - window.used(now);
        if (free <= 0) continue;
        window.add(free, now);
        admitted += free;
      }
      expect(admitted / (limit * minutes)).toBeGreaterThanOrEqual(0.95);
    },
  );

  test('the returned wait is sufficient, and for single calls exact', () => {
    fc.assert(
      fc.property(fc.array(gap, { minLength: 1, maxLength: 60 }), fc.nat({ max: 10 }), (gaps, target) => {
        const window = windowOf();
        let now = START;
        for (const wait of gaps) {
          now += wait;
          window.add(1, now);
        }
        const wait = window.msUntilUsed(target, now);
        expect(wait).toBeLessThanOrEqual(WINDOW);
        expect(window.used(now + wait)).toBeLessThanOrEqual(target);
      }),
    );
    const window = windowOf();
    window.add(1, START + 123);
    expect(window.msUntilUsed(0, START + 500)).toBe(WINDOW - 377);
    expect(window.used(START + 123 + WINDOW - 1)).toBe(1);
    expect(window.used(START + 123 + WINDOW)).toBe(0);
  });

  test('a clock that goes back neither drops nor adds calls', () => {
    const window = windowOf();
    window.add(3, START);
    expect(window.used(START - 86_400_000)).toBe(3);
    window.add(1, START - 86_400_000);
    expect(window.used(START)).toBe(4);
    expect(window.used(START + WINDOW)).toBe(0);
    const within = windowOf();
    within.add(1, START + 900);
    within.add(1, START + 100);
    expect(within.used(START + 899 + WINDOW)).toBe(2);
    expect(within.used(START + 900 + WINDOW)).toBe(0);
  });

  test('a slot at its maximum drops further calls, and later drops as many as it has counted', () => {
    const window = windowOf();
    for (let call = 0; call < 6; call++) window.add(1_000_000, START);
    expect(window.used(START)).toBeGreaterThan(1_000_000);
    expect(window.used(START + WINDOW)).toBe(0);
  });

  test('windows do not affect each other, also when memory is reused', () => {
    const steps = fc.array(
      fc.record({
        key: fc.nat({ max: KEYS - 1 }),
        cost: fc.nat({ max: 1_000 }),
        wait: fc.nat({ max: 5_000 }),
        isGivenBack: fc.boolean(),
      }),
      { minLength: 50, maxLength: 500 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const windows = new MinuteWindows();
        const pair = () => ({ shared: windowOf(windows), alone: windowOf() });
        const taken = Array.from({ length: KEYS }, pair);
        let now = START;
        for (const { key, cost, wait, isGivenBack } of all) {
          now += wait;
          const { shared, alone } = taken[key] ?? expect.unreachable();
          shared.add(cost, now);
          alone.add(cost, now);
          if (isGivenBack) {
            shared.giveBack();
            taken[key] = pair();
          }
        }
        expect(taken.map(({ shared }) => shared.used(now))).toEqual(
          taken.map(({ alone }) => alone.used(now)),
        );
      }),
      { numRuns: 50 },
    );
  });

  test('a window is idle once none of its calls count, and not before', () => {
    const windows = new MinuteWindows();
    const window = windows.take();
    windows.turnTo(window, START + 400);
    windows.add(window, 1, START + 400);
    expect(windows.isIdle(window, START + 400 + WINDOW - 1)).toBe(false);
    expect(windows.isIdle(window, START + WINDOW + 1_000)).toBe(true);
  });
});
