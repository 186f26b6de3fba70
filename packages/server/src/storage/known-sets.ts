/** Sets remembered. A service has a few dozen; this only bounds what somebody can make us remember. */
const KNOWN_MAX = 10_000;

/** Which sets are stored for sure, so that they need not be stored again: none ever goes. */
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

  /** For one transaction: what it adds counts for no other one before it is kept. */
  within(): KnownSets {
    return new KnownSets(this);
  }

  /** To be called once the transaction is committed. */
  keep(): void {
    for (const id of this.#ids) this.#outer?.add(id);
  }
}
