import { setImmediate as afterEvents } from 'node:timers/promises';
import type { KeyLookup } from '../domain/keys/key-store.ts';
import type { ChangeFeed } from '../domain/shared/change-feed.ts';
import { BloomFilter } from './bloom-filter.ts';

const CAPACITY_MIN = 65_536;
/** The filter has room for twice the present digests before it is read again. */
const GROWTH = 2;
/** Digests in one read; other tasks run between two reads. */
const PAGE = 1_000;

/**
 * A Bloom filter of all stored digests, so that a flood of well-formed but unknown keys causes almost no look-ups. Until
 * all digests are read, `mayHave` returns true for each.
 */
export class KeyExistenceFilter {
  readonly #lookup: Pick<KeyLookup, 'digests' | 'countDigests'>;
  /** Null until all digests are read. */
  #filter: BloomFilter | null = null;
  /** The filter that is being filled. */
  #next: BloomFilter | null = null;
  #isReading = false;

  constructor(lookup: Pick<KeyLookup, 'digests' | 'countDigests'>, feed: ChangeFeed) {
    this.#lookup = lookup;
    feed.subscribe((changes) => {
      for (const change of changes)
        if (change.kind === 'secret') this.#add(change.digest);
        else if (change.kind === 'everything') this.#restart();
    });
  }

  /** False: the digest is certainly not stored. */
  mayHave(digest: string): boolean {
    return this.#filter?.mayHave(digest) ?? true;
  }

  /**
   * Reads all digests. Returns at once when another read is pending, and when the filter is not full. An aborted read stops
   * and changes nothing. Rejects when the store cannot be read.
   */
  async read(signal: AbortSignal): Promise<void> {
    if (this.#isReading || (this.#filter && !this.#filter.isFull)) return;
    this.#isReading = true;
    try {
      const capacity = Math.max(CAPACITY_MIN, GROWTH * (await this.#lookup.countDigests()));
      const next = new BloomFilter(capacity);
      this.#next = next;
      await this.#fill(next, signal);
      if (!signal.aborted && this.#next === next) this.#filter = next;
    } finally {
      this.#next = null;
      this.#isReading = false;
    }
  }

  async #fill(filter: BloomFilter, signal: AbortSignal): Promise<void> {
    for (let last = ''; !signal.aborted; ) {
      const page = await this.#lookup.digests(last, PAGE);
      for (const digest of page) filter.add(digest);
      if (page.length < PAGE) return;
      last = page.at(-1) ?? last;
      await afterEvents();
    }
  }

  /** Digests may have been missed: the next read begins at the first digest, and a pending one is discarded. */
  #restart(): void {
    this.#filter = null;
    this.#next = null;
  }

  /** Adds to both filters: the digest may sort before the page that the pending read has reached. */
  #add(digest: string): void {
    this.#filter?.add(digest);
    this.#next?.add(digest);
  }
}
