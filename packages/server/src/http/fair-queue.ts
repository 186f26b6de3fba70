/** An item that waits, and since when. */
interface Waiting<Item> {
  readonly item: Item;
  /** Milliseconds of a clock that never jumps. */
  readonly since: number;
}

/**
 * A bounded queue of several classes. Each class in turn has its oldest item taken, whatever the others have waiting; and
 * where the queue is full, it is the class with most in it that loses its newest.
 */
export class FairQueue<Item> {
  readonly #waitingMax: number;
  /** Those that have something waiting, the one whose turn is next first. */
  readonly #classes = new Map<string, Waiting<Item>[]>();
  #size = 0;

  constructor(waitingMax: number) {
    this.#waitingMax = waitingMax;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds an item. Answers the one that has to go for it, which may be the same; null where there is room for all. */
  add(className: string, item: Item, now: number): Item | null {
    const own = this.#classes.get(className);
    if (own) own.push({ item, since: now });
    else this.#classes.set(className, [{ item, since: now }]);
    this.#size++;
    return this.#size > this.#waitingMax ? this.#dropNewestOf(this.#longest()) : null;
  }

  /** Takes the item whose turn it is, of those classes that may have one; null where there is none. */
  take(mayHave: (className: string) => boolean): { className: string; item: Item } | null {
    for (const [className, waiting] of this.#classes) {
      if (!mayHave(className)) continue;
      const [next] = waiting.splice(0, 1);
      this.#classes.delete(className);
      if (waiting.length > 0) this.#classes.set(className, waiting);
      this.#size--;
      return next ? { className, item: next.item } : null;
    }
    return null;
  }

  /** Takes all that have waited since then or longer. */
  takeOlder(then: number): Item[] {
    const older: Item[] = [];
    for (const [className, waiting] of this.#classes) {
      const count = waiting.filter(({ since }) => since <= then).length;
      for (const { item } of waiting.splice(0, count)) older.push(item);
      if (waiting.length === 0) this.#classes.delete(className);
    }
    this.#size -= older.length;
    return older;
  }

  #longest(): string {
    let longest = '';
    let most = 0;
    for (const [className, { length }] of this.#classes) {
      if (length <= most) continue;
      longest = className;
      most = length;
    }
    return longest;
  }

  #dropNewestOf(className: string): Item | null {
    const waiting = this.#classes.get(className);
    const dropped = waiting?.pop();
    if (waiting?.length === 0) this.#classes.delete(className);
    this.#size--;
    return dropped?.item ?? null;
  }
}
