import { expect, test } from 'vitest';
import { printable, printableJson } from './output.ts';

const hostile = 'a\u001b[31mred\u009b2J\nnext\u007f\u202egnirts\u2028\ud800z';

test('escapes every control character, and keeps the text on one line', () => {
  expect(printable(hostile)).toBe(
    'a\\u{1b}[31mred\\u{9b}2J\\u{a}next\\u{7f}\\u{202e}gnirts\\u{2028}\\u{d800}z',
  );
});

test.each(['Größe', '日本語', '👩‍👩‍👧', 'שלום', "<b>'"])('%s is unchanged', (text) => {
  expect(printable(text)).toBe(text);
});

test('JSON has no control characters, and parses to an equal value', () => {
  const json = printableJson({ [hostile]: hostile });
  expect(json).toMatch(/^[\x20-\x7e]+$/);
  expect(JSON.parse(json)).toEqual({ [hostile]: hostile });
});
