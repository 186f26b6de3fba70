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
});
