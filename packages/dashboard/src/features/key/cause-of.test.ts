import type { ApiKeyBody, RefusalBody } from '@latchkey/contract';
import { expect, test } from 'vitest';
import { causeOf } from './cause-of.ts';

const KEY = { rateLimit: { requestsPerMinute: 10, requestsPerDay: null } } as ApiKeyBody;

function textOf(denial: Partial<RefusalBody>): string {
  return causeOf(
    { code: 'RATE_LIMITED', step: 'minute', missing: [], cost: 1, ...denial } as RefusalBody,
    KEY,
  ).text;
}

test('the cause of a denial by a limit says whether the limit was used up or the request cost more than was left', () => {
  expect(textOf({})).toBe('The limit of 10 requests a minute was used up.');
  expect(textOf({ cost: 4 })).toBe(
    'The limit of 10 requests a minute had less left than the 4 that this request counts as.',
  );
  expect(textOf({ step: 'day' })).toBe(
    'The limit of requests a day was used up. The key has no such limit now.',
  );
});
