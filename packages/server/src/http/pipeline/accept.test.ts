import { expect, test } from 'vitest';
import { prefersProblem } from './error-response.ts';

test.each([
  'application/problem+json',
  'Application/Problem+JSON; charset=utf-8',
  'application/json, application/problem+json',
  'application/problem+json, */*',
  'application/json;q=0.9, application/problem+json',
  'application/json; q=0.5 , application/problem+json; q=0.50',
  'application/problem+json;q=0.2, text/html',
  'application/problem+json;q=0.2, */*;q=0.1',
  'application/json;q=0, */*',
  'text/html;title="a, b", application/problem+json',
  'application/problem+json;q=high',
])('Accept: %s prefers a problem', (accept) => {
  expect(prefersProblem(accept)).toBe(true);
});

test.each([
  undefined,
  '',
  '*/*',
  'application/*',
  'application/json',
  'text/html',
  'application/problem+json;q=0',
  'application/problem+json;Q=0.000, application/json',
  'application/problem+json;q=0, */*',
  'application/problem+json;q=0.9, application/json',
  'application/problem+json;q=0.1, */*',
  'application/problem+json;q=0.1, application/*;q=0.2, */*;q=0.05',
  'application/problem+jsonx',
  'text/html;title="application/problem+json"',
])('Accept: %s does not', (accept) => {
  expect(prefersProblem(accept)).toBe(false);
});
