import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newId } from '../domain/shared/id.ts';
import { ID_WORDS, packId, unpackId } from './packed-id.ts';

const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';

const suffix = fc.string({ unit: fc.constantFrom(...DIGITS), minLength: 26, maxLength: 26 });

function pack(id: string): boolean {
  return packId(id, new Uint32Array(ID_WORDS));
}

describe('packId', () => {
  test('every key id is unpacked as it was packed, at any offset', () => {
    fc.assert(
      fc.property(suffix, fc.nat({ max: 9 }), (digits, at) => {
        const words = new Uint32Array(at + ID_WORDS + 1).fill(0xffffffff);
        expect(packId(`key_${digits}`, words, at)).toBe(true);
        expect(unpackId(words, at)).toBe(`key_${digits}`);
        expect([...words.subarray(0, at), words[at + ID_WORDS]]).toEqual(Array(at + 1).fill(0xffffffff));
      }),
    );
  });

  test('different ids have different words', () => {
    const ids = Array.from({ length: 10_000 }, () => newId('key'));
    const packed = ids.map((id) => {
      const words = new Uint32Array(ID_WORDS);
      expect(packId(id, words)).toBe(true);
      return words.join();
    });
    expect(new Set(packed).size).toBe(ids.length);
  });

  test('a text that is not the TypeID of a key is not packed', () => {
    const { length } = 'key_';
    const digits = newId('key').slice(length);
    const others = ['', 'key_', digits, `usr_${digits}`, `key_${digits}0`, `key_${digits.slice(1)}`];
    for (const digit of ['i', 'l', 'o', 'u', 'A', '-', '_', ' ', 'é', '\u0000', '\u{1f511}']) {
      others.push(`key_${digit}${digits.slice(digit.length)}`, `key_${digits.slice(digit.length)}${digit}`);
    }
    expect(others.filter(pack)).toEqual([]);
  });

  test('any text is either not packed or unpacked as it was', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ minLength: 26, maxLength: 26 })), (text) => {
        const words = new Uint32Array(ID_WORDS);
        if (packId(`key_${text}`, words)) expect(unpackId(words, 0)).toBe(`key_${text}`);
      }),
    );
  });
});
