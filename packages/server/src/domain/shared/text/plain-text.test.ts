import { describe, expect, test } from 'vitest';
import { parsePlainText } from './plain-text.ts';

const parse = (text: string, max = 100): string => parsePlainText(text, 'name', max);

describe('parsePlainText', () => {
  test('trims, and composes to NFC', () => {
    expect(parse('  Cafe\u0301 ')).toBe('Caf\u00e9');
  });

  test.each([
    'a',
    '<script>alert(1)</script>',
    '日本語',
    'مفتاح',
    '👩‍👩‍👧',
    "=cmd|' /C calc'!A0",
    'a b',
    '\u{10FFFD}',
  ])('keeps %j as it is', (text) => expect(parse(text)).toBe(text));

  test.each([
    ['nothing', ''],
    ['only space', ' \t\u00a0\u3000'],
    ['a NUL', 'a\u0000b'],
    ['a line break', 'a\nb'],
    ['an escape', 'a\u001b[31mb'],
    ['a C1 control', 'a\u0085b'],
    ['a line separator', 'a\u2028b'],
    ['a bidirectional override', 'a\u202eb'],
    ['a bidirectional isolate', 'a\u2066b'],
    ['a lone surrogate', 'a\ud800b'],
    ['a noncharacter', 'a\uffffb'],
    ['only a zero-width space', '\u200b'],
    ['only invisible characters', '\u00ad\u3164\u2060\u{e0041} \ufe0f'],
    ['only a blank braille pattern', '\u2800'],
    ['only a combining mark', '\u0301'],
    ['a noncharacter of a higher plane', 'a\u{1fffe}b'],
  ])('rejects %s', (_what, text) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ code: 'VALIDATION_FAILED' }) as unknown as Error,
    );
  });

  test('counts code points, not UTF-16 units, after normalising', () => {
    expect(parse('👍'.repeat(100))).toHaveLength(200);
    expect(parse('e\u0301'.repeat(100))).toHaveLength(100);
    expect(() => parse('👍'.repeat(101))).toThrow('at most 100 characters, not 101');
  });

  test('rejects a text that is far too long before normalising it', () => {
    expect(() => parse(`a${'\u0300\u0316'.repeat(15_000)}`)).toThrow('name must have at most 100 characters');
    expect(parse('\u1112\u1161\u11ab'.repeat(100))).toBe('\ud55c'.repeat(100));
  });

  test('rejects a text with a key in it, or most of one, with a message that does not repeat it', () => {
    const secret = `lk_live_${'aB3'.repeat(16)}x`;
    const damaged = [secret.slice(0, -1), `${secret.slice(0, 38)}[${secret.slice(39)}`, secret.slice(0, 30)];
    const whole = [secret, `lk_live_${'x'.repeat(49)}`];
    const around = whole.flatMap((key) => [key, `for ${key}`, `${key}, the new one`]);
    for (const text of [...around, ...damaged]) {
      expect(() => parse(text), text).toThrow(
        /^name must not contain a key, or most of one: it is stored and shown to others$/,
      );
    }
  });

  test.each([
    ['a hint', 'lk_live_…q3Xa'],
    ['too little of a key to guess the rest', 'lk_live_aB3aB3aB3aB3aB3aB3aB3'],
    ['an id after two words', 'acme_prod_507f1f77bcf86cd799439011'],
    ['a long word after two others', 'eu_west_customerimportserviceforall'],
  ])('keeps %s', (_what, text) => expect(parse(text)).toBe(text));
});
