import { secretText } from '@latchkey/contract';
import { describe, expect, test } from 'vitest';
import { OperatorError } from '../shared/operator-error.ts';
import { generateKeyText } from '../shared/tokens.ts';
import { parseGivenKey } from './given-key.ts';

const parse = (text: string) => () => parseGivenKey(text, 'LATCHKEY_BOOTSTRAP_KEY_FILE');
const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

test('every generated key is taken', () => {
  for (let round = 0; round < 2_000; round++) {
    const text = generateKeyText('lk', 'live');
    expect(parseGivenKey(text, 'x')).toBe(text);
  }
});

describe('denied, in a line that does not repeat the text', () => {
  test.each([
    ['one character', 'a'.repeat(43)],
    ['few characters', 'changeMe1'.repeat(5).slice(0, 43)],
    ['the alphabet', ALPHABET.slice(0, 43)],
    ['the alphabet backwards', [...ALPHABET].toReversed().join('').slice(0, 43)],
    ['the keyboard', 'qwertyuiopasdfghjklzxcvbnmqwertyuiopasdfghj'],
    ['the same word twice', 'Zk3vQ9mB2xT7pLr5WcYd8Zk3vQ9mB2xT7pLr5WcYd8a'],
  ])('%s', (_name, random) => {
    const text = secretText('lk_live', random);
    expect(parse(text)).toThrow(OperatorError);
    expect(parse(text)).toThrow(/^LATCHKEY_BOOTSTRAP_KEY_FILE holds a key that is not random.*keys generate/);
    expect(parse(text)).not.toThrow(random);
  });

  test.each([
    ['a password', 'correct horse battery staple'],
    ['a wrong checksum', `${generateKeyText('lk', 'live').slice(0, -1)}!`],
    ['other labels', generateKeyText('acme', 'test')],
    ['a token', generateKeyText('lk', 'signin')],
    ['two keys', `${generateKeyText('lk', 'live')}\n${generateKeyText('lk', 'live')}`],
  ])('%s', (_name, text) => {
    expect(parse(text)).toThrow(/^LATCHKEY_BOOTSTRAP_KEY_FILE does not hold a key of the form lk_live_…/);
    expect(parse(text)).not.toThrow(text);
  });
});
