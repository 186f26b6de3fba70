import { customAlphabet } from 'nanoid';
import { CHECKSUM_LENGTH, RANDOM_LENGTH } from '../shared/key-look.ts';

/*
 * The texts that sign-in works with. They look like keys, so that all that finds keys where none belong (URLs, names,
 * logs, arguments of commands) finds them too; and none is ever taken for a key, or for the other kind.
 */

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const LENGTH = RANDOM_LENGTH + CHECKSUM_LENGTH;

const randomText = customAlphabet(BASE62, LENGTH);

export type TokenKind = 'session' | 'signin';

/** A new token with more than 256 bits from the system's generator. */
export function generateToken(kind: TokenKind): string {
  return `lk_${kind}_${randomText()}`;
}

/** False for everything that cannot be a token of this kind. */
export function isToken(kind: TokenKind, text: string): boolean {
  return new RegExp(`^lk_${kind}_[0-9A-Za-z]{${LENGTH}}$`).test(text);
}
