/** How many bytes of request bodies are kept. */
export interface BodyLimits {
  readonly bytesMax: number;
  /** Of one class: the rest is always for others. */
  readonly bytesOfClassMax: number;
}

/** The bytes that are kept of one body, from its first byte until the work on it has ended. */
export interface BodyAccount {
  /** False where the budget has no room for so many bytes more: the body cannot be read then. */
  take(bytes: number): boolean;
  /** The body is whole: from now on its bytes are not taken away. */
  complete(): void;
  /** Gives all bytes back. Idempotent. */
  close(): void;
}

interface Account {
  readonly className: string;
  readonly evict: () => void;
  bytes: number;
}

/**
 * Bounds the bytes of request bodies, of each class and in all. Where the whole budget is used, it is the class with most in
 * it that loses its newest body of those that are still being read.
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

  /** The bytes that are kept now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** `evict` is called where the body loses its bytes to others: it is to be read no further. */
  open(className: string, evict: () => void): BodyAccount {
    const account: Account = { className, evict, bytes: 0 };
    const reading = this.#reading.get(className) ?? new Set();
    this.#reading.set(className, reading.add(account));
    return {
      take: (bytes) => this.#take(account, bytes),
      complete: () => this.#endReading(account),
      close: () => this.#close(account),
    };
  }

  #take(account: Account, bytes: number): boolean {
    const { bytesMax, bytesOfClassMax } = this.#limits;
    const ofClass = (this.#bytesOf.get(account.className) ?? 0) + bytes;
    if (ofClass > bytesOfClassMax) return false;
    while (this.#bytes + bytes > bytesMax) {
      const newest = this.#newestOfLargest();
      if (!newest || newest.className === account.className) return false;
      this.#close(newest);
      newest.evict();
    }
    this.#add(account, bytes);
    return true;
  }

  #newestOfLargest(): Account | undefined {
    let newest: Account | undefined;
    let most = 0;
    for (const [className, reading] of this.#reading) {
      const bytes = this.#bytesOf.get(className) ?? 0;
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
    const ofClass = (this.#bytesOf.get(account.className) ?? 0) + bytes;
    if (ofClass === 0) this.#bytesOf.delete(account.className);
    else this.#bytesOf.set(account.className, ofClass);
  }
}
