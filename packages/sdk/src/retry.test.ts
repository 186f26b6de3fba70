import { expect, test } from 'vitest';
import { LatchkeyConnectionError, LatchkeyError, LatchkeyProtocolError } from './errors.ts';
import { retryDelayMs } from './retry.ts';

const serviceError = (status: number, retryable: boolean, retryAfterSeconds: number | null = null) =>
  new LatchkeyError({
    code: 'UNAVAILABLE',
    message: 'denied',
    status,
    details: [],
    requestId: 'req_1',
    retryable,
    retryAfterSeconds,
  });

test.each([
  ['no response', new LatchkeyConnectionError('x')],
  ['a retryable 503', serviceError(503, true)],
  ['a retryable 429', serviceError(429, true)],
  ['a 502 from a proxy whose upstream is down', new LatchkeyProtocolError('x', 502)],
])('after %s the call is retried at most twice, with exponential backoff', (_, error) => {
  expect(retryDelayMs(error, 0, 0)).toBe(100);
  expect(retryDelayMs(error, 0, 1)).toBe(200);
  expect(retryDelayMs(error, 1, 0)).toBe(200);
  expect(retryDelayMs(error, 2, 0)).toBeNull();
});

test.each([
  ['a 503 that is not retryable', serviceError(503, false)],
  ['a retryable error with another status', serviceError(500, true)],
  ['a response of another server', new LatchkeyProtocolError('x', 200)],
  ['a bug', new TypeError('x')],
])('after %s the call is not retried', (_, error) => {
  expect(retryDelayMs(error, 0, 0)).toBeNull();
});

test('a short Retry-After is respected, with jitter added', () => {
  expect(retryDelayMs(serviceError(429, true, 2), 0, 0)).toBe(2_100);
});

test('a call with a long Retry-After is not retried', () => {
  expect(retryDelayMs(serviceError(429, true, 6), 0, 0)).toBeNull();
});
