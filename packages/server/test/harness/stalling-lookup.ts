import { setImmediate as afterEvents } from 'node:timers/promises';
import type { KeyLookup, KeyRecord } from '../../src/domain/keys/key-store.ts';

/** The real look-up, except that a test can hold back results until they are stale. */
export class StallingLookup implements KeyLookup {
  readonly #lookup: KeyLookup;
  readonly #held: (() => void)[] = [];
  isStalling = false;
  /** The number of look-ups so far. */
  lookups = 0;

  constructor(lookup: KeyLookup) {
    this.#lookup = lookup;
  }

  /** The number of look-ups that have read their record and are held back. */
  get held(): number {
    return this.#held.length;
  }

  async findByDigest(digest: string): Promise<KeyRecord | null> {
    this.lookups++;
    const record = await this.#lookup.findByDigest(digest);
    if (this.isStalling) await new Promise<void>((resolve) => this.#held.push(resolve));
    return record;
  }

  digests(after: string, limit: number): Promise<string[]> {
    return this.#lookup.digests(after, limit);
  }

  countDigests(): Promise<number> {
    return this.#lookup.countDigests();
  }

  /** Resolves once at least `count` look-ups are held back. */
  async untilHeld(count: number): Promise<void> {
    while (this.#held.length < count) await afterEvents();
  }

  /** Lets the held look-up at `index` return. */
  release(index = 0): void {
    for (const resolve of this.#held.splice(index, 1)) resolve();
  }

  releaseAll(): void {
    for (const resolve of this.#held.splice(0)) resolve();
  }
}
