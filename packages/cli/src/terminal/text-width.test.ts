import { expect, test } from 'vitest';
import { cutToWidth, padToWidth, textWidth } from './table.ts';

test.each([
  ['plain', 5],
  ['Größe', 5],
  ['Gro\u0308ße', 5],
  ['日本語', 6],
  ['ｆｕｌｌ', 8],
  ['👩‍👩‍👧', 2],
  ['🔑 key', 6],
  ['❤️', 2],
  ['…', 1],
  ['', 0],
])('%s takes %i columns', (text, width) => {
  expect(textWidth(text)).toBe(width);
});

test.each([
  ['plain', 5, 'plain'],
  ['plainer', 5, 'plai…'],
  ['日本語', 5, '日本…'],
  ['日本語', 4, '日…'],
  ['👩‍👩‍👧x', 2, '…'],
])('%s cut to %i columns is %s', (text, width, cut) => {
  expect(cutToWidth(text, width)).toBe(cut);
  expect(textWidth(cut)).toBeLessThanOrEqual(width);
});

test('padding counts columns, not characters', () => {
  expect(padToWidth('日本', 6)).toBe('日本  ');
  expect(padToWidth('longer', 3)).toBe('longer');
});
