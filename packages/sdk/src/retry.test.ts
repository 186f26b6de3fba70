import { expect, test } from 'vitest';
import { LatchkeyConnectionError, LatchkeyError, LatchkeyProtocolError } from './errors.ts';
import { retryDelayMs } from './retry.ts';

const refusal = (status: number, retryable: boolean, retryAfterSeconds: number | null = null) =>
  new LatchkeyError({
    code: 'UNAVAILABLE',
    message: 'no',
    status,
    details: [],
    requestId: 'req_1',
    retryable,
    retryAfterSeconds,
  });

test.each([
  ['no answer', new LatchkeyConnectionError('x')],
  ['503 that says it will pass', refusal(503, true)],
  ['429 that says it will pass', refusal(429, true)],
  ['a proxy whose service is away', new LatchkeyProtocolError('x', 502)],
])('after %s the call is made again, a little later each time, and twice at most', (_, error) => {
  expect(retryDelayMs(error, 0, 0)).toBe(100);
  expect(retryDelayMs(error, 0, 1)).toBe(200);
  expect(retryDelayMs(error, 1, 0)).toBe(200);
  expect(retryDelayMs(error, 2, 0)).toBeNull();
});

test.each([
  ['503 that will not pass', refusal(503, false)],
  ['a refusal that says it will pass with another status', refusal(500, true)],
  ['an answer of something else', new LatchkeyProtocolError('x', 200)],
  ['a bug', new TypeError('x')],
])('after %s the call is not made again', (_, error) => {
  expect(retryDelayMs(error, 0, 0)).toBeNull();
});

test('a short Retry-After is waited for, with jitter on top', () => {
  expect(retryDelayMs(refusal(429, true, 2), 0, 0)).toBe(2_100);
});

test('a long Retry-After is left to the caller', () => {
  expect(retryDelayMs(refusal(429, true, 6), 0, 0)).toBeNull();
});
