import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { unitsOfBody, WorkTurns } from './work-turns.ts';

const MEBIBYTE = 2 ** 20;
const LARGE = 300_000;

/** Requests a turn for a piece of work and records when the turn came. */
async function piece(turns: WorkTurns, className: string, units: number, begun: string[]): Promise<void> {
  const turn = turns.take(className, units);
  if (turn) await turn;
  begun.push(className);
}

test('the work per turn of the event loop is limited, and further work runs in later turns', async () => {
  const turns = new WorkTurns();
  const begun: string[] = [];
  const all = Promise.all(Array.from({ length: 10 }, () => piece(turns, 'a', LARGE, begun)));
  const counts: number[] = [];
  while (begun.length < 10) {
    await nextTurn();
    counts.push(begun.length);
  }
  await all;
  const inEach = counts.map((count, index) => count - (counts[index - 1] ?? 0));
  // Two of them fit in a turn; this test may count two turns as one.
  expect(Math.max(...inEach)).toBeLessThanOrEqual(4);
});

test('small work never waits, and work larger than a turn gets its own turn', async () => {
  const turns = new WorkTurns();
  expect(turns.take('a', 100 * MEBIBYTE)).toBeNull();
  expect(turns.take('a', 1_000)).toBeNull();
  const waiting = turns.take('a', LARGE);
  expect(waiting).not.toBeNull();
  await waiting;
});

test('workspaces take turns, even if one has much more work waiting', async () => {
  const turns = new WorkTurns();
  const begun: string[] = [];
  const busy = Array.from({ length: 20 }, () => piece(turns, 'busy', LARGE, begun));
  await Promise.all([...busy, piece(turns, 'calm', LARGE, begun)]);
  expect(begun.indexOf('calm')).toBeLessThan(6);
});

test('the units of a body depend on its bytes and on the most values that they can contain', () => {
  expect(unitsOfBody(100, 20_000)).toBe(100 + 20 * 50);
  expect(unitsOfBody(MEBIBYTE, 20_000)).toBe(MEBIBYTE + 20 * 20_000);
});
