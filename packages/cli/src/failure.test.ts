import { LatchkeyConnectionError, LatchkeyError, LatchkeyProtocolError } from '@latchkey/sdk';
import { CommanderError } from 'commander';
import { expect, test } from 'vitest';
import { EXIT } from './exit-codes.ts';
import { failingOf, usageFailure } from './failure.ts';

const serviceError = (status: number) =>
  new LatchkeyError({
    code: 'KEY_INVALID',
    message: 'no',
    status,
    details: [],
    requestId: 'req_1',
    retryable: false,
    retryAfterSeconds: null,
  });

test.each([
  [400, EXIT.failure],
  [401, EXIT.credential],
  [403, EXIT.credential],
  [404, EXIT.notFound],
  [409, EXIT.failure],
  [429, EXIT.failure],
  [500, EXIT.failure],
  [503, EXIT.unavailable],
])('an error response with status %i exits with %i', (status, exitCode) => {
  expect(failingOf(serviceError(status))).toMatchObject({
    exitCode,
    code: 'KEY_INVALID',
    requestId: 'req_1',
  });
});

test.each([
  ['wrong usage', usageFailure('x'), EXIT.usage, 'USAGE'],
  [
    'a usage error of commander',
    new CommanderError(1, 'commander.unknownOption', 'error: x'),
    EXIT.usage,
    'USAGE',
  ],
  ['no answer', new LatchkeyConnectionError('x'), EXIT.unavailable, 'UNREACHABLE'],
  ['the answer of something else', new LatchkeyProtocolError('x', 200), EXIT.unavailable, 'PROTOCOL'],
])('the report of %s', (_, error, exitCode, code) => {
  expect(failingOf(error)).toMatchObject({ exitCode, code, message: 'x' });
});

test.each([new TypeError('x'), 'x'])('a bug has the code INTERNAL', (error) => {
  expect(failingOf(error)).toMatchObject({
    exitCode: EXIT.failure,
    code: 'INTERNAL',
    message: 'internal: x',
  });
});
