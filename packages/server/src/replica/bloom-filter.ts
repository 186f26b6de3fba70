/*
 * A Bloom filter in blocks of a cache line (Putze, Sanders, Singler: Cache-, Hash- and Space-Efficient Bloom Filters,
 * 2007). Its false positive rate at capacity is one in two thousand.
 */

const BITS_PER_DIGEST = 16;
const BLOCK_WORDS = 16;
const WORD_BITS = 32;
const BLOCK_BITS = BLOCK_WORDS * WORD_BITS;
/** Bits set for a digest, each chosen by nine bits of it. */
const PROBES = 6;
const PROBE_BITS = 9;

const WORD = 2 ** 32;

/** A Bloom filter of digests: no false negatives, few false positives. */
export class BloomFilter {
  readonly capacity: number;
  readonly #words: Uint32Array;
  readonly #blocks: number;
  #added = 0;

  /** With more than `capacity` digests the false positive rate rises; there are still no false negatives. */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.#blocks = Math.ceil((capacity * BITS_PER_DIGEST) / BLOCK_BITS);
    this.#words = new Uint32Array(this.#blocks * BLOCK_WORDS);
  }

  get isFull(): boolean {
    return this.#added >= this.capacity;
  }

  /** `digest`: at least twelve uniformly distributed bytes in base64url. */
  add(digest: string): void {
    const bytes = Buffer.from(digest, 'base64url');
    const start = this.#blockOf(bytes);
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = bitOf(bytes, probe);
      const at = start + (bit >>> 5);
      this.#words[at] = (this.#words[at] ?? 0) | (1 << (bit & 31));
    }
    this.#added++;
  }

  /** False: the digest was certainly not added. True: it probably was. */
  mayHave(digest: string): boolean {
    const bytes = Buffer.from(digest, 'base64url');
    const start = this.#blockOf(bytes);
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = bitOf(bytes, probe);
      if (((this.#words[start + (bit >>> 5)] ?? 0) & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }

  #blockOf(bytes: Buffer): number {
    return Math.floor((bytes.readUInt32LE(0) / WORD) * this.#blocks) * BLOCK_WORDS;
  }
}

/** The bit of its block that the digest sets or tests with this probe. */
function bitOf(bytes: Buffer, probe: number): number {
  const word = bytes.readUInt32LE(probe < PROBES / 2 ? 4 : 8);
  return (word >>> ((probe % (PROBES / 2)) * PROBE_BITS)) & (BLOCK_BITS - 1);
}
