import crc32 from 'crc-32';
import { customAlphabet } from 'nanoid';
import { CHECKSUM_LENGTH, KEY_LOOK, RANDOM_LENGTH } from '../shared/key-look.ts';

/*
 * The text of a key: <prefix>_<environment>_<43 random base62 characters><6 base62 characters of CRC-32 over all before>.
 * 43 base62 characters carry 256 random bits. The checksum lets anyone tell a key from look-alikes without asking us;
 * it proves nothing about authenticity.
 */

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const WHOLE = new RegExp(`^${KEY_LOOK}$`);

const randomText = customAlphabet(BASE62, RANDOM_LENGTH);

/** Longest text a key can have, in characters. */
const LENGTH_MAX = 16 + 1 + 16 + 1 + RANDOM_LENGTH + CHECKSUM_LENGTH;

/** A new secret with 256 bits from the system's generator. */
export function generateKeyText(prefix: string, environment: string): string {
  const text = `${prefix}_${environment}_${randomText()}`;
  return text + checksum(text);
}

/** Has the text the form of a key, its checksum included? False for everything that cannot be a key of ours. */
export function isKeyText(text: string): boolean {
  if (text.length > LENGTH_MAX || !WHOLE.test(text)) return false;
  return text.endsWith(checksum(text.slice(0, -CHECKSUM_LENGTH)));
}

/** What may be shown of a key's text: `lk_live_…q3Xa`. */
export function hintOf(keyText: string): string {
  const labelsEnd = keyText.lastIndexOf('_') + 1;
  return `${keyText.slice(0, labelsEnd)}…${keyText.slice(-4)}`;
}

function checksum(text: string): string {
  let rest = crc32.buf(Buffer.from(text, 'latin1')) >>> 0;
  let digits = '';
  for (let place = 0; place < CHECKSUM_LENGTH; place++) {
    digits = BASE62.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}
