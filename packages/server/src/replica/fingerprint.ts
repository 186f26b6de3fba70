import { hash } from 'node:crypto';
import { DIGEST_WORDS } from './packed-records.ts';

/** The key of a text in memory: the first 128 bits of its SHA-256. The next call of `of` overwrites it. */
export class Fingerprint {
  readonly words = new Uint32Array(DIGEST_WORDS);
  /** The whole digest, one character for each byte. */
  text = '';

  of(keyText: string): this {
    this.text = hash('sha256', keyText, 'binary');
    for (let word = 0; word < DIGEST_WORDS; word++) this.words[word] = wordOf(this.text, word * 4);
    return this;
  }
}

function wordOf(text: string, at: number): number {
  return (
    text.charCodeAt(at) |
    (text.charCodeAt(at + 1) << 8) |
    (text.charCodeAt(at + 2) << 16) |
    (text.charCodeAt(at + 3) << 24)
  );
}
