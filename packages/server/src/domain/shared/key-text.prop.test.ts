import { containsSecret, hintOf, isKeyText, redactSecrets } from '@latchkey/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generateKeyText } from './tokens.ts';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** CRC-32 (ISO-HDLC) bit by bit, independent of the library that the product uses. */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function base62(value: bigint, length: number): string {
  let digits = '';
  for (let rest = value; digits.length < length; rest /= 62n) digits = BASE62[Number(rest % 62n)] + digits;
  return digits;
}

describe('the text of a key', () => {
  test('is prefix, environment, 43 random characters and 6 of CRC-32 over all before', () => {
    for (let round = 0; round < 1_000; round++) {
      const text = generateKeyText('lk', 'live');
      expect(text).toMatch(/^lk_live_[0-9A-Za-z]{49}$/);
      expect(text.slice(-6)).toBe(base62(BigInt(crc32(text.slice(0, -6))), 6));
      expect(isKeyText(text)).toBe(true);
    }
  });

  test('is denied with one character changed or two neighbours swapped', () => {
    const position = fc.nat({ max: 48 });
    fc.assert(
      fc.property(position, fc.constantFrom(...BASE62), fc.boolean(), (at, character, swaps) => {
        const text = generateKeyText('lk', 'live');
        const start = text.length - 49 + at;
        const next = text.charAt(start + 1);
        const replacement = swaps && next !== '' ? next + text.charAt(start) : character;
        const changed = text.slice(0, start) + replacement + text.slice(start + replacement.length);
        expect(isKeyText(changed)).toBe(changed === text);
      }),
      { numRuns: 20_000 },
    );
  });

  test('is not accepted in any other form', () => {
    const text = generateKeyText('lk', 'live');
    const others = [
      `${text} `,
      ` ${text}`,
      `${text}\n`,
      text.toUpperCase(),
      text.slice(1),
      `${text}a`,
      `a${text}`,
      text.replace('live', 'test'),
      '',
    ];
    for (const other of others) expect(isKeyText(other), other).toBe(false);
    fc.assert(fc.property(fc.string(), (noise) => !isKeyText(noise)));
  });

  test('uses each of the 62 characters equally often: chi-square over 430,000 characters', () => {
    const counts = new Map<string, number>();
    for (let round = 0; round < 10_000; round++) {
      for (const character of generateKeyText('lk', 'live').slice(8, -6)) {
        counts.set(character, (counts.get(character) ?? 0) + 1);
      }
    }
    const expected = (10_000 * 43) / 62;
    const chiSquare = [...BASE62].reduce(
      (sum, character) => sum + ((counts.get(character) ?? 0) - expected) ** 2 / expected,
      0,
    );
    // 61 degrees of freedom: beyond 140 once in about ten million runs.
    expect(chiSquare).toBeLessThan(140);
  });

  test('is shown as prefix and last four characters', () => {
    const text = generateKeyText('lk', 'live');
    expect(hintOf(text)).toBe(`lk_live_…${text.slice(-4)}`);
  });

  test('is found and redacted anywhere in a line', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const text = generateKeyText('lk', 'live');
        const line = `${before} ${text} ${after}`;
        expect(containsSecret(line)).toBe(true);
        expect(redactSecrets(line)).not.toContain(text.slice(8, -6));
      }),
    );
    expect(redactSecrets('no key here')).toBe('no key here');
  });
});
