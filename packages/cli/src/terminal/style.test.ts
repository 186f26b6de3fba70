import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { styleFor } from './style.ts';

const screen = Object.assign(new PassThrough(), { isTTY: true });

test('there is colour on a terminal', () => {
  expect(styleFor(screen, {})('red', 'x')).toBe('\u001b[31mx\u001b[39m');
});

test.each([
  ['what is not a terminal', new PassThrough(), {}],
  ['NO_COLOR', screen, { NO_COLOR: '1' }],
  ['a terminal that cannot', screen, { TERM: 'dumb' }],
])('there is no colour for %s', (_, output, env) => {
  expect(styleFor(output, env)('red', 'x')).toBe('x');
});
