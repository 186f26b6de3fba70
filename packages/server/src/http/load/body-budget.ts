/** Limits for the bytes of request bodies in memory. */
export interface BodyLimits {
  readonly bytesMax: number;
  /** Bytes of one class: the remaining bytes stay free for other classes. */
  readonly bytesOfClassMax: number;
}

/** The bytes in memory of one body, from its first byte until its request is done. */
export interface BodyAccount {
  /** Has the class as many bytes left now? They are not reserved. */
  hasRoomFor(bytes: number): boolean;
  /** Reserves bytes. False if the budget does not have them: the body must not be read further. */
  take(bytes: number): boolean;
  /** Call this once the body is complete: from then on it cannot be evicted. */
  complete(): void;
  /** Releases all bytes. Idempotent. */
  close(): void;
}

interface Account {
  readonly className: string;
  readonly evict: () => void;
  bytes: number;
}

/**
 * Limits the bytes of request bodies, per class and in total. If the whole budget is used, the class with the most bytes
 * loses the newest of its incomplete bodies.
 */
export class BodyBudget {
  readonly #limits: BodyLimits;
  readonly #bytesOf = new Map<string, number>();
  /** By class, the newest last. */
  readonly #reading = new Map<string, Set<Account>>();
  #bytes = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  /** The bytes that are reserved now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Calls `evict` if the body loses its bytes to another class: it must not be read further. */
  open(className: string, evict: () => void): BodyAccount {
    const account: Account = { className, evict, bytes: 0 };
    const reading = this.#reading.get(className) ?? new Set();
    this.#reading.set(className, reading.add(account));
    return {
      hasRoomFor: (bytes) => this.#ofClass(className) + bytes <= this.#limits.bytesOfClassMax,
      take: (bytes) => this.#take(account, bytes),
      complete: () => this.#endReading(account),
      close: () => this.#close(account),
    };
  }

  #take(account: Account, bytes: number): boolean {
    const { bytesMax, bytesOfClassMax } = this.#limits;
    if (this.#ofClass(account.className) + bytes > bytesOfClassMax) return false;
    while (this.#bytes + bytes > bytesMax) {
      const newest = this.#newestOfLargest();
      if (!newest || newest.className === account.className) return false;
      this.#close(newest);
      newest.evict();
    }
    this.#add(account, bytes);
    return true;
  }

  /** The bytes that the bodies of the class have reserved. */
  #ofClass(className: string): number {
    return this.#bytesOf.get(className) ?? 0;
  }

  #newestOfLargest(): Account | undefined {
    let newest: Account | undefined;
    let most = 0;
    for (const [className, reading] of this.#reading) {
      const bytes = this.#ofClass(className);
      const holders = [...reading].filter((account) => account.bytes > 0);
      if (bytes <= most || holders.length === 0) continue;
      most = bytes;
      newest = holders.at(-1);
    }
    return newest;
  }

  #close(account: Account): void {
    this.#endReading(account);
    this.#add(account, -account.bytes);
  }

  #endReading(account: Account): void {
    const reading = this.#reading.get(account.className);
    reading?.delete(account);
    if (reading?.size === 0) this.#reading.delete(account.className);
  }

  #add(account: Account, bytes: number): void {
    account.bytes += bytes;
    this.#bytes += bytes;
    const ofClass = this.#ofClass(account.className) + bytes;
    if (ofClass === 0) this.#bytesOf.delete(account.className);
    else this.#bytesOf.set(account.className, ofClass);
  }
}
