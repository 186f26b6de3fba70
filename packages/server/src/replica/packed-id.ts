/*
 * Packs the id of a key into five words. A TypeID is a prefix and 26 digits of five bits
 * (https://github.com/jetify-com/typeid, spec): six digits fit into a word.
 */

const PREFIX = 'key_';
const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';
const DIGIT_BITS = 5;
const DIGIT_MASK = 31;
const LENGTH = 26;
const DIGITS_PER_WORD = 6;

export const ID_WORDS = Math.ceil(LENGTH / DIGITS_PER_WORD);
/** The word to hash by: its bits are all random, while the first words hold the creation time. */
export const ID_HASH_WORD = 3;

const DIGIT_CODES = Uint8Array.from(DIGITS, (digit) => digit.charCodeAt(0));
const values = new Map([...DIGITS].map((digit, value) => [digit.charCodeAt(0), value]));

/** The buffer in which an id is unpacked: one `toString` is cheaper than concatenation. */
const text = Buffer.from(PREFIX.padEnd(PREFIX.length + LENGTH));

/** Writes the id into `words` at `at`. Returns false when it is not the TypeID of a key. */
export function packId(id: string, words: Uint32Array, at = 0): boolean {
  if (!id.startsWith(PREFIX) || id.length !== PREFIX.length + LENGTH) return false;
  for (let word = 0; word < ID_WORDS; word++) words[at + word] = 0;
  for (let place = 0; place < LENGTH; place++) {
    const value = values.get(id.charCodeAt(PREFIX.length + place));
    if (value === undefined) return false;
    const word = at + Math.floor(place / DIGITS_PER_WORD);
    words[word] = ((words[word] ?? 0) << DIGIT_BITS) | value;
  }
  return true;
}

export function unpackId(words: Uint32Array, at: number): string {
  for (let place = 0; place < LENGTH; place++) {
    const word = Math.floor(place / DIGITS_PER_WORD);
    const digits = Math.min(DIGITS_PER_WORD, LENGTH - word * DIGITS_PER_WORD);
    const after = digits - 1 - (place % DIGITS_PER_WORD);
    const digit = ((words[at + word] ?? 0) >>> (after * DIGIT_BITS)) & DIGIT_MASK;
    text[PREFIX.length + place] = DIGIT_CODES[digit] ?? 0;
  }
  return text.toString('latin1');
}
