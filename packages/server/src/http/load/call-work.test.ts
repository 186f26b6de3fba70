import { setImmediate as afterEvents } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CallWork } from './call-work.ts';

function workWith() {
  const ends: string[] = [];
  return { ends, work: new CallWork(() => void ends.push('end')) };
}

function pending() {
  let settle = (_error?: Error): void => {};
  const promise = new Promise<void>((resolve, reject) => {
    settle = (error) => (error ? reject(error) : resolve());
  });
  return { promise, settle };
}

test('a call without held work ends with its exchange', () => {
  const { ends, work } = workWith();
  work.endExchange();
  expect(ends).toEqual(['end']);
});

test('a call whose connection has closed ends when its work settles, whether that succeeds or fails', async () => {
  const { ends, work } = workWith();
  const [first, second] = [pending(), pending()];
  void work.hold(first.promise);
  work.hold(second.promise).catch(() => {});
  work.endExchange();
  expect([work.signal.aborted, ends]).toEqual([true, []]);
  first.settle();
  await afterEvents();
  expect(ends).toEqual([]);
  second.settle(new Error('no'));
  await afterEvents();
  expect(ends).toEqual(['end']);
});

test('a call that frees its place ends then, and not once more with its exchange', () => {
  const { ends, work } = workWith();
  work.free();
  expect(ends).toEqual(['end']);
  work.endExchange();
  expect(ends).toEqual(['end']);
});
