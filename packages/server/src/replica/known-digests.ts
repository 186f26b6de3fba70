import { setImmediate as afterEvents } from 'node:timers/promises';
import type { KeyLookup } from '../domain/keys/key-store.ts';
import type { ChangeFeed } from '../domain/shared/change-feed.ts';
import { DigestFilter } from './digest-filter.ts';

const CAPACITY_MIN = 65_536;
/** Room for as many again before everything is read once more. */
const GROWTH = 2;
/** Digests read at a time, between other work. */
const PAGE = 1_000;

/**
 * Which digests the store may have, without asking it: a flood of well-formed texts that are no keys then costs no
 * look-ups. Until it has read all there are, and where it is in doubt, the answer is yes.
 */
export class KnownDigests {
  readonly #lookup: Pick<KeyLookup, 'digests' | 'countDigests'>;
  /** Null until all digests are in. */
  #filter: DigestFilter | null = null;
  /** The filter that is being filled. */
  #next: DigestFilter | null = null;
  #isReading = false;

  constructor(lookup: Pick<KeyLookup, 'digests' | 'countDigests'>, feed: ChangeFeed) {
    this.#lookup = lookup;
    feed.subscribe((changes) => {
      for (const change of changes) if (change.kind === 'secret') this.#add(change.digest);
    });
  }

  mayHave(digest: string): boolean {
    return this.#filter?.mayHave(digest) ?? true;
  }

  /**
   * Reads all digests; once it has, only when there are many more by now. Aborted, it stops and changes nothing. Returns at
   * once where they are being read already.
   */
  async read(signal: AbortSignal): Promise<void> {
    if (this.#isReading || (this.#filter && !this.#filter.isFull)) return;
    this.#isReading = true;
    try {
      const capacity = Math.max(CAPACITY_MIN, GROWTH * (await this.#lookup.countDigests()));
      this.#next = new DigestFilter(capacity);
      await this.#fill(this.#next, signal);
      if (!signal.aborted) this.#filter = this.#next;
    } finally {
      this.#next = null;
      this.#isReading = false;
    }
  }

  async #fill(filter: DigestFilter, signal: AbortSignal): Promise<void> {
    for (let last = ''; !signal.aborted; ) {
      const page = await this.#lookup.digests(last, PAGE);
      for (const digest of page) filter.add(digest);
      if (page.length < PAGE) return;
      last = page.at(-1) ?? last;
      await afterEvents();
    }
  }

  /** What comes in while a new filter is filled may be behind the place it has read to: it goes into both. */
  #add(digest: string): void {
    this.#filter?.add(digest);
    this.#next?.add(digest);
  }
}
