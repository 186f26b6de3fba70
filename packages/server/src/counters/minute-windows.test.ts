import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MinuteWindow } from '../domain/verification/limits/minute-window.ts';
import { MinuteWindows } from './minute-windows.ts';

const START = Date.parse('2026-11-23T09:00:00.000Z');
const KEYS = 300;

const steps = fc.array(
  fc.record({
    key: fc.nat({ max: KEYS - 1 }),
    cost: fc.nat({ max: 1_000 }),
    wait: fc.nat({ max: 5_000 }),
    isGivenBack: fc.boolean(),
  }),
  { minLength: 50, maxLength: 500 },
);

describe('windows that share memory', () => {
  test('each counts as one of its own does, also one that somebody had before', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const windows = new MinuteWindows();
        const taken = Array.from({ length: KEYS }, () => ({
          shared: windows.take(),
          own: new MinuteWindow(),
        }));
        let now = START;
        for (const { key, cost, wait, isGivenBack } of all) {
          now += wait;
          const { shared, own } = taken[key] ?? expect.unreachable();
          shared.add(cost, now);
          own.add(cost, now);
          if (isGivenBack) windows.giveBack(shared);
          if (isGivenBack) taken[key] = { shared: windows.take(), own: new MinuteWindow() };
        }
        expect(taken.map(({ shared }) => shared.used(now))).toEqual(taken.map(({ own }) => own.used(now)));
      }),
      { numRuns: 50 },
    );
  });
});
