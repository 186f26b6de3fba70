/** The texts of prepared keys, and draws of them. */
import { closeSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { generateKeyText, isKeyText } from './product.mjs';
import { randomOf, zipf } from './zipf.mjs';

const LINE_BYTES = generateKeyText('lk', 'live').length + 1;
const SEED = 20_261_123;
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHECKSUM_LENGTH = 6;
/** Characters at the end of the random part in which a near miss differs. */
const OTHER_LENGTH = 4;

/**
 * @param {Pick<import('./database.mjs').Prepared, 'tokensFile' | 'count'>} prepared
 * @param {number} draws
 * @returns {string[]} keys drawn by Zipf's law, the same at each call
 */
export function drawTokens({ tokensFile, count }, draws) {
  const rank = zipf(count, randomOf(SEED));
  return withTokens(tokensFile, (tokenAt) => Array.from({ length: draws }, () => tokenAt(rank())));
}

/** @param {Pick<import('./database.mjs').Prepared, 'tokensFile'>} prepared @param {number} count @returns {string[]} the first keys */
export function firstTokens({ tokensFile }, count) {
  return withTokens(tokensFile, (tokenAt) => Array.from({ length: count }, (_, index) => tokenAt(index)));
}

/** @param {number} count @returns {string[]} well-formed keys with a valid checksum that do not exist in any database */
export function unknownTokens(count) {
  return Array.from({ length: count }, () => generateKeyText('lk', 'live'));
}

/** @param {string} token @returns {string} a well-formed key that begins as this one does and ends otherwise */
export function nearMiss(token) {
  const other = generateKeyText('lk', 'live').slice(-CHECKSUM_LENGTH - OTHER_LENGTH, -CHECKSUM_LENGTH);
  const text = token.slice(0, -CHECKSUM_LENGTH - OTHER_LENGTH) + other;
  const miss = text + checksum(text);
  if (!isKeyText(miss))
    throw new Error('The checksum of a generated key is invalid: has the key format changed?');
  return miss;
}

/** @param {string} text */
function checksum(text) {
  let rest = crc32(text);
  let digits = '';
  for (let place = 0; place < CHECKSUM_LENGTH; place += 1) {
    digits = BASE62.charAt(rest % BASE62.length) + digits;
    rest = Math.floor(rest / BASE62.length);
  }
  return digits;
}

/**
 * Lines all have the same length, so that a key is found without reading those before it.
 * @template T
 * @param {string} file
 * @param {(tokenAt: (index: number) => string) => T} work
 */
function withTokens(file, work) {
  const descriptor = openSync(file, 'r');
  const line = Buffer.alloc(LINE_BYTES);
  try {
    return work((index) => {
      readSync(descriptor, line, 0, LINE_BYTES, index * LINE_BYTES);
      return line.toString('latin1', 0, LINE_BYTES - 1);
    });
  } finally {
    closeSync(descriptor);
  }
}
