import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEPTH_MAX, MEMBERS_MAX, measureJson, parseStrictJson } from './strict-json.ts';

/** The value of a text, or the reason why the text is denied. */
function read(text: string, valuesMax?: number): unknown {
  try {
    return { value: parseStrictJson(Buffer.from(text), valuesMax) };
  } catch (error) {
    return (error as Error).message.replace('The body is not acceptable JSON: ', '');
  }
}

/** A small set of names, so that they repeat; some are denied. */
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
    '"\\"{"',
    '":"',
  ),
  fc.integer().map(String),
);

/** Generates JSON text with repeated members at any depth. */
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

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g;
const ODD_NAMES = new Set(['__proto__', 'constructor', 'prototype']);

/** Do JSON parsers read the text differently? A simple and slow reference check, token by token. */
function isDisputed(text: string): boolean {
  const open: Set<unknown>[] = [];
  let last: unknown;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') open.push(new Set());
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      const names = open.at(-1) ?? new Set();
      if (ODD_NAMES.has(last as string) || names.has(last)) return true;
      names.add(last);
    } else if (token !== ',') {
      last = JSON.parse(token);
      if (typeof last === 'string' && /\p{Surrogate}/u.test(last)) return true;
      if (typeof last === 'number' && (Math.abs(last) > Number.MAX_SAFE_INTEGER || Object.is(last, -0)))
        return true;
    }
    if (open.length > DEPTH_MAX) return true;
  }
  return false;
}

describe('strict JSON', () => {
  test('is parsed like JSON.parse, unless parsers read the text differently', () => {
    let acceptable = 0;
    fc.assert(
      fc.property(texts, (text) => {
        const isDenied = typeof read(text) === 'string';
        expect(isDenied).toBe(isDisputed(text));
        if (isDenied) return;
        acceptable++;
        expect(read(text)).toEqual({ value: JSON.parse(text) });
      }),
      { numRuns: 5_000 },
    );
    expect(acceptable).toBeGreaterThan(500);
  });

  test.each([
    ['an object has the same name twice', '{"a":1,"a":2}'],
    ['an object has the same name twice', '{"a":{"b":"c"},"a":"d"}'],
    ['an object has the same name twice', '[[{"x":[{"a":1,"b":2,"a":3}]}]]'],
    ['an object has the same name twice', '{"a":1,"\\u0061":"\\""}'],
    ['the name __proto__ is not allowed', '{"__proto__":1}'],
    ['a number is out of range', '[9007199254740993]'],
    ['a number is out of range', '{"a":1e400}'],
    ['a number is out of range', '-0'],
    ['a string has half of a surrogate pair', '{"\\ud800":0}'],
    [
      `it is nested more than ${DEPTH_MAX} levels deep`,
      '['.repeat(DEPTH_MAX + 1) + ']'.repeat(DEPTH_MAX + 1),
    ],
    [
      `an object has more than ${MEMBERS_MAX} members`,
      JSON.stringify(Object.fromEntries(Array.from({ length: MEMBERS_MAX + 1 }, (_, i) => [`m${i}`, i]))),
    ],
  ])('is denied because %s: %s', (reason, text) => {
    expect(read(text)).toBe(reason);
  });

  test.each([
    ['an empty object', '{}'],
    ['brackets, commas and quotes in a string', '{"a":":,{}[] \\"[{,\\\\"}'],
    ['the deepest nesting', '['.repeat(DEPTH_MAX) + ']'.repeat(DEPTH_MAX)],
    ['a batch of checks', '{"checks":[{"key":"k","permissions":["calls:read"],"cost":1},{"key":"é"}]}'],
  ])('may be %s', (_, text) => {
    expect(read(text)).toEqual({ value: JSON.parse(text) });
  });

  test('is denied if it has too many values, before its syntax is checked', () => {
    const list = (items: number) => `[${Array.from({ length: items }, () => '1').join()}]`;
    expect(read(list(9), 10)).toEqual({ value: JSON.parse(list(9)) });
    expect(read(list(10), 10)).toBe('it has more than 10 values');
    expect(read(',,,,', 4)).toBe('it has more than 4 values');
  });
});

test('the scan stops at the first value over the limit, even if the text is long', () => {
  let reads = 0;
  const bytes = new Proxy(Buffer.from(`[${'1,'.repeat(50_000)}1]`), {
    get(target, property) {
      reads++;
      return Reflect.get(target, property, target) as unknown;
    },
  });
  expect(() => measureJson(bytes, 1_000)).toThrow('it has more than 1000 values');
  expect(reads).toBeLessThan(10_000);
});
