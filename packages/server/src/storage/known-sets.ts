/** The maximum number of cached ids. A service has a few dozen sets; the limit bounds the memory that callers can use. */
const KNOWN_MAX = 10_000;

/** A cache of the ids of stored sets, which then need no insert. Sets are never deleted. */
export class KnownSets {
  readonly #ids = new Set<string>();
  readonly #outer: KnownSets | null;

  constructor(outer: KnownSets | null = null) {
    this.#outer = outer;
  }

  has(id: string): boolean {
    return this.#ids.has(id) || (this.#outer?.has(id) ?? false);
  }

  add(id: string): void {
    if (this.#ids.size < KNOWN_MAX) this.#ids.add(id);
  }

  /** The cache of one transaction: ids that it adds are not visible outside before `keep`. */
  within(): KnownSets {
    return new KnownSets(this);
  }

  /** To be called once the transaction is committed. */
  keep(): void {
    for (const id of this.#ids) this.#outer?.add(id);
  }
}
