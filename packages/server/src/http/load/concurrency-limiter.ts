import { FairQueue } from './fair-queue.ts';

/** Concurrency and queue limits. */
export interface ConcurrencyLimits {
  /** Items that run concurrently. */
  readonly runningMax: number;
  /** Concurrent items of one class: the remaining places stay free for other classes. */
  readonly runningOfClassMax: number;
  readonly waitingMax: number;
  /** The longest time that an item waits, in milliseconds. */
  readonly waitMsMax: number;
}

export interface LimitedWork<Item> {
  /** Starts an item. It calls `end` when it is done; calling it again has no effect. */
  readonly start: (item: Item, end: () => void) => void;
  /** Called for an item that is dropped, because the queue is full or the item waited too long. */
  readonly deny: (item: Item) => void;
}

/** Items that start in one turn of the event loop: together they take about a millisecond. */
const BEGUN_A_TURN_MAX = 4;
/** Milliseconds between two checks for items that waited too long. */
const SWEEP_MS = 250;

/**
 * Limits how many items run concurrently and how many start in one turn of the event loop, so that a burst leaves
 * time for requests that need no admission. Other items wait in a queue that is fair among their classes (round-robin).
 */
export class ConcurrencyLimiter<Item> {
  readonly #limits: ConcurrencyLimits;
  readonly #work: LimitedWork<Item>;
  readonly #queue: FairQueue<Item>;
  readonly #underWay = new Map<string, number>();
  #underWayInAll = 0;
  #begunInTurn = 0;
  #sweep: NodeJS.Timeout | null = null;

  constructor(limits: ConcurrencyLimits, work: LimitedWork<Item>) {
    this.#limits = limits;
    this.#work = work;
    this.#queue = new FairQueue(limits.waitingMax);
  }

  /** The number of items that run, and that wait. */
  get load(): { readonly running: number; readonly waiting: number } {
    return { running: this.#underWayInAll, waiting: this.#queue.size };
  }

  ask(className: string, item: Item): void {
    const dropped = this.#queue.add(className, item, performance.now());
    this.#advance();
    if (dropped !== null) this.#work.deny(dropped);
    if (this.#queue.size > 0) this.#sweep ??= setTimeout(() => this.#denyLate(), SWEEP_MS);
  }

  #advance(): void {
    if (this.#begunInTurn >= BEGUN_A_TURN_MAX || this.#underWayInAll >= this.#limits.runningMax) return;
    const next = this.#queue.take((className) => this.#hasPlace(className));
    if (!next) return;
    if (++this.#begunInTurn === 1) setImmediate(() => this.#beginTurn());
    this.#begin(next.className, next.item);
  }

  #beginTurn(): void {
    this.#begunInTurn = 0;
    for (let count = 0; count < BEGUN_A_TURN_MAX; count++) this.#advance();
  }

  #hasPlace(className: string): boolean {
    return (this.#underWay.get(className) ?? 0) < this.#limits.runningOfClassMax;
  }

  #begin(className: string, item: Item): void {
    this.#count(className, 1);
    let isOver = false;
    this.#work.start(item, () => {
      if (isOver) return;
      isOver = true;
      this.#count(className, -1);
      this.#advance();
    });
  }

  #count(className: string, change: 1 | -1): void {
    this.#underWayInAll += change;
    const ofClass = (this.#underWay.get(className) ?? 0) + change;
    if (ofClass === 0) this.#underWay.delete(className);
    else this.#underWay.set(className, ofClass);
  }

  #denyLate(): void {
    const late = this.#queue.takeOlder(performance.now() - this.#limits.waitMsMax);
    for (const item of late) this.#work.deny(item);
    this.#sweep = this.#queue.size > 0 ? setTimeout(() => this.#denyLate(), SWEEP_MS) : null;
  }
}
