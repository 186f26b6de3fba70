/** A waiting item and the time when it was added. */
interface Waiting<Item> {
  readonly item: Item;
  /** Milliseconds of a monotonic clock. */
  readonly since: number;
}

/**
 * A bounded queue that is fair among classes: items are taken round-robin by class, the oldest of each class first. If the
 * queue is full, the class with the most items loses its newest one.
 */
export class FairQueue<Item> {
  readonly #waitingMax: number;
  /** Classes with waiting items, in the order of their turns. */
  readonly #classes = new Map<string, Waiting<Item>[]>();
  #size = 0;

  constructor(waitingMax: number) {
    this.#waitingMax = waitingMax;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds an item. Returns the item that is dropped for it, which may be the added one; null if the queue is not full. */
  add(className: string, item: Item, now: number): Item | null {
    const own = this.#classes.get(className);
    if (own) own.push({ item, since: now });
    else this.#classes.set(className, [{ item, since: now }]);
    this.#size++;
    return this.#size > this.#waitingMax ? this.#dropNewestOf(this.#longest()) : null;
  }

  /** Takes the next item of the classes for which `mayHave` is true; null if there is none. */
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

  /** Takes all items that were added at `then` or earlier. */
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
