/** Records of equal length in one array of words, each of which contains a key. */
export interface KeyedRecords {
  readonly words: Uint32Array;
  /** Words from one record to the next. */
  readonly stride: number;
  /** The offset of the key in a record, and its length in words. */
  readonly keyAt: number;
  readonly keyWords: number;
  /** The word of the key to hash by: it must differ from key to key. */
  readonly hashWord: number;
}

const NONE = -1;
/** Places per record: more of them make look-ups shorter and the index larger. */
const SPREAD = 1.4;
const WORD = 2 ** 32;
/** 2³² / golden ratio: spreads hashes that differ in few bits over the whole word (Knuth, TAOCP 3, section 6.4). */
const GOLDEN = 0x9e3779b1;

/**
 * A hash table of records by their key: open addressing with linear probing, allocated for all records, so that it never
 * grows. Two records may have the same key.
 */
export class HashIndex {
  readonly #records: KeyedRecords;
  /** The slot of a record plus one; 0 when the place is free. */
  readonly #places: Uint32Array;

  constructor(records: KeyedRecords) {
    this.#records = records;
    this.#places = new Uint32Array(Math.ceil((records.words.length / records.stride) * SPREAD) + 1);
  }

  /** The slot of a record with this key; -1 when there is none. */
  find(key: Uint32Array): number {
    for (let place = this.#homeOf(key[this.#records.hashWord] ?? 0); ; place = this.#after(place)) {
      const slot = (this.#places[place] ?? 0) - 1;
      if (slot === NONE || this.#hasKey(slot, key)) return slot;
    }
  }

  /** The key of the record must be written before. */
  add(slot: number): void {
    let place = this.#homeOf(this.#hashOf(slot));
    while (this.#places[place] !== 0) place = this.#after(place);
    this.#places[place] = slot + 1;
  }

  /** The record must be in the index, and its key must be unchanged. */
  remove(slot: number): void {
    let hole = this.#homeOf(this.#hashOf(slot));
    while (this.#places[hole] !== slot + 1) hole = this.#after(hole);
    // Later entries of the probe sequence move into the hole, so that no search stops there before it finds its entry.
    for (let place = this.#after(hole); this.#places[place] !== 0; place = this.#after(place)) {
      const home = this.#homeOf(this.#hashOf((this.#places[place] ?? 0) - 1));
      if (this.#distance(home, place) < this.#distance(hole, place)) continue;
      this.#places[hole] = this.#places[place] ?? 0;
      hole = place;
    }
    this.#places[hole] = 0;
  }

  #hasKey(slot: number, key: Uint32Array): boolean {
    const { words, stride, keyAt, keyWords } = this.#records;
    const start = slot * stride + keyAt;
    for (let word = 0; word < keyWords; word++) if (words[start + word] !== key[word]) return false;
    return true;
  }

  #hashOf(slot: number): number {
    const { words, stride, keyAt, hashWord } = this.#records;
    return words[slot * stride + keyAt + hashWord] ?? 0;
  }

  #homeOf(hash: number): number {
    return Math.floor(((Math.imul(hash, GOLDEN) >>> 0) / WORD) * this.#places.length);
  }

  #after(place: number): number {
    return place + 1 === this.#places.length ? 0 : place + 1;
  }

  #distance(from: number, to: number): number {
    return to >= from ? to - from : to - from + this.#places.length;
  }
}
