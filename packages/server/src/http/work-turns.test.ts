import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { unitsOfBody, WorkTurns } from './work-turns.ts';

const MEBIBYTE = 2 ** 20;
const LARGE = 300_000;

/** Starts a piece of work, and writes down when it was its turn. */
async function piece(turns: WorkTurns, className: string, units: number, begun: string[]): Promise<void> {
  const turn = turns.take(className, units);
  if (turn) await turn;
  begun.push(className);
}

test('a turn of the event loop does a bounded amount of work, and what waits is done in later turns', async () => {
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
  // Two of them fit; this test may see two turns as one.
  expect(Math.max(...inEach)).toBeLessThanOrEqual(4);
});

test('small pieces never wait, and one larger than a turn has a turn of its own', async () => {
  const turns = new WorkTurns();
  expect(turns.take('a', 100 * MEBIBYTE)).toBeNull();
  expect(turns.take('a', 1_000)).toBeNull();
  const waiting = turns.take('a', LARGE);
  expect(waiting).not.toBeNull();
  await waiting;
});

test('each workspace has its turn, however much another one has waiting', async () => {
  const turns = new WorkTurns();
  const begun: string[] = [];
  const busy = Array.from({ length: 20 }, () => piece(turns, 'busy', LARGE, begun));
  await Promise.all([...busy, piece(turns, 'calm', LARGE, begun)]);
  expect(begun.indexOf('calm')).toBeLessThan(6);
});

test('a body is worth its bytes and its values, of which there are at most as many as it has room for', () => {
  expect(unitsOfBody(100, 20_000)).toBe(100 + 20 * 50);
  expect(unitsOfBody(MEBIBYTE, 20_000)).toBe(MEBIBYTE + 20 * 20_000);
});
