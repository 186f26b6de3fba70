import { expect, test } from 'vitest';
import { withTimeout } from './with-timeout.ts';

test('a promise that settles in time is returned as it is', async () => {
  expect(await withTimeout(Promise.resolve(1), 10_000)).toBe(1);
  await expect(withTimeout(Promise.reject(new Error('own')), 10_000)).rejects.toThrow('own');
});

test('a promise that does not settle in time is UNAVAILABLE', async () => {
  await expect(withTimeout(new Promise(() => {}), 1)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('a result that arrives while the event loop is blocked is in time', async () => {
  const busy = (ms: number) => {
    const until = performance.now() + ms;
    while (performance.now() < until);
  };
  const come = new Promise((resolve) => setImmediate(() => resolve('come')));
  const answer = withTimeout(come, 1);
  busy(20);
  expect(await answer).toBe('come');
});
