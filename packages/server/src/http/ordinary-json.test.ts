import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEPTH_MAX, inspectJson, MEMBERS_MAX } from './inspect-json.ts';
import { isOrdinaryJson } from './ordinary-json.ts';

function isRefused(text: string): boolean {
  try {
    inspectJson(text);
    return false;
  } catch {
    return true;
  }
}

/** Few names, so that they meet; some that are refused. */
const name = fc.oneof(fc.constantFrom('a', 'b', '', '__proto__', 'constructor'), fc.string());
const scalar = fc.oneof(
  fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify(text)),
  fc.constantFrom(
    'null',
    'true',
    '0',
    '-0',
    '1e400',
    '1.5',
    '9007199254740993',
    '"\\ud800"',
    '"\\u0061"',
    '":"',
  ),
  fc.integer().map(String),
);

/** JSON that is written by hand: with members that stand twice, in any depth. */
const { text: texts } = fc.letrec<{ text: string }>((tie) => ({
  text: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    scalar,
    fc.array(tie('text'), { maxLength: 4 }).map((items) => `[${items.join(' , ')}]`),
    fc
      .array(fc.tuple(name, tie('text')), { maxLength: 4 })
      .map((members) => `{${members.map(([key, value]) => `${JSON.stringify(key)} : ${value}`).join()}}`),
  ),
}));

describe('JSON that is found ordinary', () => {
  test('is none that the walk over its tokens refuses', () => {
    let ordinary = 0;
    fc.assert(
      fc.property(texts, (text) => {
        if (!isOrdinaryJson(text, JSON.parse(text))) return;
        ordinary++;
        expect(isRefused(text)).toBe(false);
      }),
      { numRuns: 5_000 },
    );
    expect(ordinary).toBeGreaterThan(500);
  });

  test.each([
    ['a name twice', '{"a":1,"a":2}'],
    ['a name twice, whose first value is lost with its own', '{"a":{"b":"c"},"a":"d"}'],
    ['a name twice, far inside', '[[{"x":[{"a":1,"b":2,"a":3}]}]]'],
    ['the name __proto__', '{"__proto__":1}'],
    ['a number that no double holds', '[9007199254740993]'],
    ['an infinite number', '{"a":1e400}'],
    ['minus nothing', '-0'],
    ['half of a pair', '"\\ud800"'],
    ['too many levels', '['.repeat(DEPTH_MAX + 1) + ']'.repeat(DEPTH_MAX + 1)],
    [
      'too many members',
      JSON.stringify(Object.fromEntries(Array.from({ length: MEMBERS_MAX + 1 }, (_, i) => [`m${i}`, i]))),
    ],
  ])('has not %s', (_, text) => {
    expect(isOrdinaryJson(text, JSON.parse(text))).toBe(false);
    expect(isRefused(text)).toBe(true);
  });

  test.each([
    ['an empty object', '{}'],
    ['a string with what else stands between strings', '{"a":":,{}[] null"}'],
    ['as many levels as there may be', '['.repeat(DEPTH_MAX) + ']'.repeat(DEPTH_MAX)],
    [
      'what a batch of checks is',
      JSON.stringify({ checks: [{ key: 'lk_live_x', permissions: ['calls:read'], cost: 1 }, { key: 'é' }] }),
    ],
  ])('may be %s', (_, text) => {
    expect(isOrdinaryJson(text, JSON.parse(text))).toBe(true);
  });
});
