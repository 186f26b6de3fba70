import type { Catalogue, Permission } from '@latchkey/contract';
import { LRUCache } from 'lru-cache';

const BITS = 8;
/** Cached lists; keys with the same permissions share one. */
const LISTS_MAX = 1_000;

/**
 * Packs sets of permissions into short strings, with one bit for each permission of the catalogue. A list would take fifty
 * times the memory, which matters when every key has a different set.
 */
export class PermissionBits {
  readonly #catalogue: Catalogue;
  readonly #bytes: Buffer;
  readonly #lists = new LRUCache<string, readonly Permission[]>({ max: LISTS_MAX });

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
    this.#bytes = Buffer.alloc(Math.ceil(catalogue.permissions.length / BITS));
  }

  /** Omits permissions that the catalogue does not have. */
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

  /** The set in the order of the catalogue. Usually returns the same list object for the same bits (cached). */
  listOf(bits: string): readonly Permission[] {
    const cached = this.#lists.get(bits);
    if (cached) return cached;
    const list = Object.freeze(this.#catalogue.permissions.filter((_, place) => isSet(bits, place)));
    this.#lists.set(bits, list);
    return list;
  }
}

function isSet(bits: string, place: number): boolean {
  return ((bits.charCodeAt(Math.floor(place / BITS)) >> (place % BITS)) & 1) === 1;
}
