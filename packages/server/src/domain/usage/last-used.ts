/** Writes down when keys were last used; `KeyStore` is one. */
export interface UseLog {
  recordUses(uses: ReadonlyMap<string, number>): Promise<void>;
}

/**
 * Remembers when each key was last used and writes it behind the requests, many keys at a time. A crash loses what has
 * not been flushed yet.
 */
export class LastUsed {
  readonly #log: UseLog;
  #pending = new Map<string, number>();

  constructor(log: UseLog) {
    this.#log = log;
  }

  /** Costs a map entry; writes nothing. */
  record(keyId: string, now: number): void {
    this.#pending.set(keyId, now);
  }

  /** Writes what has come together since the last flush. What could not be written is kept for the next one. */
  async flush(): Promise<void> {
    if (this.#pending.size === 0) return;
    const uses = this.#pending;
    this.#pending = new Map();
    try {
      await this.#log.recordUses(uses);
    } catch (error) {
      this.#pending = new Map([...uses, ...this.#pending]);
      throw error;
    }
  }
}
