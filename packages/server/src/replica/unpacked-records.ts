import type { KeyRecord } from '../domain/keys/key-store.ts';

/** How many are kept, each of a kilobyte or two with what answers keep of it. */
const SIZE = 32_768;

/** A record as an object, in which the last use may be moved. */
export interface Unpacked {
  readonly slot: number;
  /** What stood around the key when it was unpacked. */
  readonly surroundings: object;
  readonly record: KeyRecord & { readonly key: { lastUsedAt: number | null } };
}

/**
 * The records that were asked for lately, as objects: to make one takes longer than to judge it. A slot has one place, and
 * gives it up to the next one that wants it.
 */
export class UnpackedRecords {
  readonly #places: (Unpacked | undefined)[] = new Array(SIZE).fill(undefined);

  get(slot: number): Unpacked | undefined {
    const unpacked = this.#places[slot % SIZE];
    return unpacked?.slot === slot ? unpacked : undefined;
  }

  keep(unpacked: Unpacked): void {
    this.#places[unpacked.slot % SIZE] = unpacked;
  }

  forget(slot: number): void {
    if (this.get(slot)) this.#places[slot % SIZE] = undefined;
  }
}
