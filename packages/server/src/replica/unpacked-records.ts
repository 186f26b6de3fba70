import type { KeyRecord } from '../domain/keys/key-store.ts';

/** Cached objects, of one or two kilobytes each including cached parts of responses. */
const SIZE = 32_768;

/** A record as an object, in which `lastUsedAt` can be set. */
export interface Unpacked {
  readonly slot: number;
  /** The surroundings of the key when it was unpacked. */
  readonly surroundings: object;
  readonly record: KeyRecord & { readonly key: { lastUsedAt: number | null } };
}

/**
 * A direct-mapped cache of recently used records as objects: unpacking a record takes longer than judging it. Each slot
 * maps to one place, and an object replaces the one in its place.
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

  drop(slot: number): void {
    if (this.get(slot)) this.#places[slot % SIZE] = undefined;
  }
}
