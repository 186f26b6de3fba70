import { expect, test } from 'vitest';
import { generateKeyText } from './key-text.ts';
import { parseLabel } from './parse-label.ts';

test('a label is a plain text', () => {
  expect(parseLabel(' Billing worker ', 'name', 100)).toBe('Billing worker');
  expect(() => parseLabel('x'.repeat(101), 'name', 100)).toThrow('name must have at most 100 characters');
});

test('a label with a key in it is refused, and the refusal does not repeat the key', () => {
  const secret = generateKeyText('lk', 'live');
  for (const text of [secret, `for ${secret}`, `${secret}, the new one`]) {
    expect(() => parseLabel(text, 'reason', 200)).toThrow(
      'reason must not contain a key: it is stored and shown to others',
    );
  }
  expect(parseLabel('lk_live_…q3Xa', 'name', 100)).toBe('lk_live_…q3Xa');
});
