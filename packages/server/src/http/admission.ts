import { FairQueue } from './fair-queue.ts';

/** How much is let in. */
export interface AdmissionLimits {
  /** Items under way at a time. */
  readonly underWayMax: number;
  /** Of one class: the rest of the places is always for others. */
  readonly underWayOfClassMax: number;
  readonly waitingMax: number;
  /** Milliseconds that an item waits at most. */
  readonly waitMsMax: number;
}

export interface AdmissionWork<Item> {
  /** Begins with an item; `end` is called once it is done, any number of times. */
  readonly start: (item: Item, end: () => void) => void;
  /** Told of what is not let in: it found no place to wait, or has waited too long. */
  readonly refuse: (item: Item) => void;
}

/** Begun with in one turn of the event loop: together they take about a millisecond. */
const BEGUN_A_TURN_MAX = 4;
/** Between two looks at what has waited too long. */
const SWEEP_MS = 250;

/**
 * Lets in so many items at a time, and begins with a few in a turn of the event loop, so that a burst of them leaves
 * room for what is answered at once. The others wait, and their classes have their turns one after the other.
 */
export class Admission<Item> {
  readonly #limits: AdmissionLimits;
  readonly #work: AdmissionWork<Item>;
  readonly #queue: FairQueue<Item>;
  readonly #underWay = new Map<string, number>();
  #underWayInAll = 0;
  #begunInTurn = 0;
  #sweep: NodeJS.Timeout | null = null;

  constructor(limits: AdmissionLimits, work: AdmissionWork<Item>) {
    this.#limits = limits;
    this.#work = work;
    this.#queue = new FairQueue(limits.waitingMax);
  }

  ask(className: string, item: Item): void {
    const dropped = this.#queue.add(className, item, performance.now());
    this.#advance();
    if (dropped !== null) this.#work.refuse(dropped);
    if (this.#queue.size > 0) this.#sweep ??= setTimeout(() => this.#refuseLate(), SWEEP_MS);
  }

  #advance(): void {
    if (this.#begunInTurn >= BEGUN_A_TURN_MAX || this.#underWayInAll >= this.#limits.underWayMax) return;
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
    return (this.#underWay.get(className) ?? 0) < this.#limits.underWayOfClassMax;
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

  #refuseLate(): void {
    const late = this.#queue.takeOlder(performance.now() - this.#limits.waitMsMax);
    for (const item of late) this.#work.refuse(item);
    this.#sweep = this.#queue.size > 0 ? setTimeout(() => this.#refuseLate(), SWEEP_MS) : null;
  }
}
