import { expect, test } from 'vitest';
import { textWidth } from '../../terminal/table.ts';
import { usageLines } from './usage-view.ts';

const plain = (_: unknown, text: string): string => text;
const at = (hour: number) => `2026-11-23T0${hour}:00:00.000Z`;

const usage = [
  { at: at(1), allowed: 0, denied: {} },
  { at: at(2), allowed: 1_200, denied: { RATE_LIMITED: 300, KEY_EXPIRED: 100 } },
  { at: at(3), allowed: 1, denied: { KEY_EXPIRED: 1 } },
];

test('the length of a bar is proportional to its count, and the smallest bar is visible', () => {
  const [, none = '', most = '', little = ''] = usageLines(usage, plain);
  const bars = [none, most, little].map((line) => [
    line.match(/█/g)?.length ?? 0,
    line.match(/░/g)?.length ?? 0,
  ]);
  expect(bars).toEqual([
    [0, 0],
    [30, 10],
    [1, 1],
  ]);
});

test('shows time, counts and reasons for each span, and the total', () => {
  const lines = usageLines(usage, plain);
  expect(lines[1]).toBe('2026-11-23 01:00Z  0        0');
  expect(lines[2]).toMatch(/^2026-11-23 02:00Z {2}1,200 {4}400 .* RATE_LIMITED 300, KEY_EXPIRED 100$/);
  expect(lines.at(-1)).toBe('1,201 allowed, 401 denied');
});

test('no line is wider than the terminal', () => {
  for (const width of [40, 60, 80]) {
    for (const line of usageLines(usage, plain, width)) expect(textWidth(line)).toBeLessThanOrEqual(width);
  }
});
