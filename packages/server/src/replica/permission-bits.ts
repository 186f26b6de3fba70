import type { Catalogue, Permission } from '@latchkey/contract';
import { LRUCache } from 'lru-cache';

const BITS = 8;
/** Lists that are kept ready: those in use, where keys share them. */
const LISTS_MAX = 1_000;

/**
 * Sets of permissions as short texts, with a bit for each permission of the catalogue. As a list a set takes fifty times
 * the memory, which tells where every key has a set of its own.
 */
export class PermissionBits {
  readonly #catalogue: Catalogue;
  readonly #bytes: Buffer;
  readonly #lists = new LRUCache<string, readonly Permission[]>({ max: LISTS_MAX });

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
    this.#bytes = Buffer.alloc(Math.ceil(catalogue.permissions.length / BITS));
  }

  /** Names that the catalogue does not have are left out. */
  pack(permissions: readonly Permission[]): string {
    const bytes = this.#bytes.fill(0);
    for (const permission of permissions) {
      const place = this.#catalogue.indexOf(permission);
      if (place === -1) continue;
      const at = Math.floor(place / BITS);
      bytes[at] = (bytes[at] ?? 0) | (1 << (place % BITS));
    }
    return bytes.toString('latin1');
  }

  /** The set in the order of the catalogue; mostly the same list for the same bits. */
  listOf(bits: string): readonly Permission[] {
    const known = this.#lists.get(bits);
    if (known) return known;
    const list = Object.freeze(this.#catalogue.permissions.filter((_, place) => isSet(bits, place)));
    this.#lists.set(bits, list);
    return list;
  }
}

function isSet(bits: string, place: number): boolean {
  return ((bits.charCodeAt(Math.floor(place / BITS)) >> (place % BITS)) & 1) === 1;
}
