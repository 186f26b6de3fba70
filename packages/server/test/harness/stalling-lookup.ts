import { setImmediate as afterEvents } from 'node:timers/promises';
import type { KeyLookup, KeyRecord } from '../../src/domain/keys/key-store.ts';

/** The real look-up, except that what it has read can be held back until it is old. */
export class StallingLookup implements KeyLookup {
  readonly #lookup: KeyLookup;
  readonly #held: (() => void)[] = [];
  isStalling = false;
  /** How many were asked for. */
  lookups = 0;

  constructor(lookup: KeyLookup) {
    this.#lookup = lookup;
  }

  /** How many have read their answer and wait with it. */
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

  /** Resolves once so many wait. */
  async untilHeld(count: number): Promise<void> {
    while (this.#held.length < count) await afterEvents();
  }

  /** Lets one go. */
  release(index = 0): void {
    for (const resolve of this.#held.splice(index, 1)) resolve();
  }

  releaseAll(): void {
    for (const resolve of this.#held.splice(0)) resolve();
  }
}
