import { expect, test } from 'vitest';
import { parseDuration } from './arguments.ts';

test.each([
  ['0', 0],
  ['1m', 60_000],
  ['24h', 86_400_000],
  ['30d', 2_592_000_000],
  ['2w', 1_209_600_000],
])('%s is %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['', '30', 'd', '1.5d', '-1d', '1D', '1y', '1 d', '1d1h', '9999999d'])(
  '"%s" is not a duration',
  (text) => {
    expect(parseDuration(text)).toBeNull();
  },
);
