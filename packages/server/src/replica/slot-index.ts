/** Records of words in a row, each with a key of some words in it. */
export interface KeyedRecords {
  readonly words: Uint32Array;
  /** Words from one record to the next. */
  readonly stride: number;
  /** Where in a record its key begins, and how many words it has. */
  readonly keyAt: number;
  readonly keyWords: number;
  /** Which word of the key differs from key to key. */
  readonly hashWord: number;
}

const NONE = -1;
/** Places a record: more make look-ups shorter and the index larger. */
const SPREAD = 1.4;
const WORD = 2 ** 32;
/** 2³² over the golden ratio: spreads what differs in few bits over the whole word (Knuth, TAOCP 3, section 6.4). */
const GOLDEN = 0x9e3779b1;

/**
 * Finds records by their key: open addressing with linear probing, at the size that all records need, so that it never
 * has to grow. Two records may have the same key.
 */
export class SlotIndex {
  readonly #records: KeyedRecords;
  /** The slot of a record and one, or 0. */
  readonly #places: Uint32Array;

  constructor(records: KeyedRecords) {
    this.#records = records;
    this.#places = new Uint32Array(Math.ceil((records.words.length / records.stride) * SPREAD) + 1);
  }

  /** The slot of a record with this key; -1 where there is none. */
  find(key: Uint32Array): number {
    for (let place = this.#homeOf(key[this.#records.hashWord] ?? 0); ; place = this.#after(place)) {
      const slot = (this.#places[place] ?? 0) - 1;
      if (slot === NONE || this.#hasKey(slot, key)) return slot;
    }
  }

  /** The record must have its key already. */
  add(slot: number): void {
    let place = this.#homeOf(this.#hashOf(slot));
    while (this.#places[place] !== 0) place = this.#after(place);
    this.#places[place] = slot + 1;
  }

  /** The record must be in the index, and have its key still. */
  remove(slot: number): void {
    let hole = this.#homeOf(this.#hashOf(slot));
    while (this.#places[hole] !== slot + 1) hole = this.#after(hole);
    // What stands behind moves up, so that no probe ends at the hole before it has reached what it looks for.
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
