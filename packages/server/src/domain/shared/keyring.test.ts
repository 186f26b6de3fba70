import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Keyring } from './keyring.ts';

const pepper = Buffer.alloc(32, 1);
const keyring = new Keyring(pepper);
const other = new Keyring(Buffer.alloc(32, 2));

describe('Keyring', () => {
  test('digests are HMAC-SHA-256 of the whole text under the pepper', () => {
    const expected = createHmac('sha256', pepper).update('lk_live_x').digest('base64url');
    expect(keyring.digest('lk_live_x')).toBe(expected);
    expect(other.digest('lk_live_x')).not.toBe(expected);
  });

  test('a pepper of another length throws', () => {
    expect(() => new Keyring(Buffer.alloc(31))).toThrow('32 bytes, not 31');
  });

  test('two peppers have different ids, and an id does not contain the pepper', () => {
    expect(keyring.pepperId).not.toBe(other.pepperId);
    expect(pepper.toString('base64url')).not.toContain(keyring.pepperId);
  });

  test('a seal is invalid for another field, kind of row or pepper', () => {
    const seal = keyring.sealRow('key', ['a', 1, null, true]);
    expect(keyring.isIntact(seal, 'key', ['a', 1, null, true])).toBe(true);
    for (const fields of [
      ['b', 1, null, true],
      ['a', '1', null, true],
      ['a', 1, '', true],
      ['a', 1, null],
      ['a,1', null, true],
    ]) {
      expect(keyring.isIntact(seal, 'key', fields)).toBe(false);
    }
    expect(keyring.isIntact(seal, 'secret', ['a', 1, null, true])).toBe(false);
    expect(other.isIntact(seal, 'key', ['a', 1, null, true])).toBe(false);
    expect(keyring.isIntact('', 'key', ['a', 1, null, true])).toBe(false);
  });

  test('decrypts only with the same pepper, passphrase and context, and only unchanged ciphertext', () => {
    const sealed = keyring.encrypt('secret', 'client value', 'row 1');
    expect(keyring.decrypt(sealed, 'client value', 'row 1')).toBe('secret');
    expect(() => keyring.decrypt(sealed, 'another value', 'row 1')).toThrow();
    expect(() => keyring.decrypt(sealed, 'client value', 'row 2')).toThrow();
    expect(() => other.decrypt(sealed, 'client value', 'row 1')).toThrow();
    const changed = Buffer.from(sealed, 'base64url');
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    expect(() => keyring.decrypt(changed.toString('base64url'), 'client value', 'row 1')).toThrow();
  });

  describe('with a newer and an older pepper', () => {
    const newer = Buffer.alloc(32, 2);
    const both = new Keyring(newer, [pepper]);

    test('makes everything with the newest, accepts what both have made, and finds digests of both, the oldest first', () => {
      expect(both.pepperId).toBe(other.pepperId);
      expect(both.digests('text')).toEqual([keyring.digest('text'), other.digest('text')]);
      for (const made of [keyring, other, both]) {
        expect(both.isIntact(made.sealRow('key', ['a']), 'key', ['a'])).toBe(true);
        expect(both.decrypt(made.encrypt('secret', 'value', 'row'), 'value', 'row')).toBe('secret');
      }
      expect(both.isIntact(new Keyring(Buffer.alloc(32, 3)).sealRow('key', ['a']), 'key', ['a'])).toBe(false);
    });

    test('a seal names its pepper, and is valid with that one alone', () => {
      const seal = both.sealRow('key', ['a']);
      expect(seal.startsWith(both.sealPrefix)).toBe(true);
      expect(other.isIntact(seal, 'key', ['a'])).toBe(true);
      expect(keyring.isIntact(seal, 'key', ['a'])).toBe(false);
      const renamed = `${keyring.pepperId}.${seal.split('.')[1]}`;
      expect(both.isIntact(renamed, 'key', ['a'])).toBe(false);
    });

    test('can go on with the older one; with one that it lacks, nothing is digested or sealed', () => {
      const waiting = new Keyring(newer, [pepper]);
      waiting.use(keyring.pepperId);
      expect(waiting.digest('text')).toBe(keyring.digest('text'));
      expect([both.isReplacing, waiting.isReplacing, keyring.isReplacing]).toEqual([true, false, false]);
      waiting.use('another');
      for (const work of [
        () => waiting.digest('text'),
        () => waiting.digests('text'),
        () => waiting.sealRow('key', []),
      ])
        expect(work).toThrow('does not have the current pepper');
    });
  });
});
