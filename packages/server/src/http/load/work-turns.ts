import { BODY_VALUES_MAX } from '@latchkey/contract';
import { FairQueue } from './fair-queue.ts';

/** A unit is about 10 ns of the main thread: the time to read a byte of a body. */
const UNITS_A_TURN = 800_000;
/** Work up to this size never waits: it takes less time than the rest of its request. */
const SMALL_UNITS = 4_096;
/** Units to parse a value of a body and to validate it. */
const UNITS_A_VALUE = 20;
/** The shortest value has one character and a comma. */
const BYTES_A_VALUE = 2;

interface Piece {
  readonly units: number;
  readonly begin: () => void;
}

/**
 * Limits the work per turn of the event loop for work whose size clients control. Further work waits for a later turn in a
 * queue that is fair among workspaces, and other requests are answered in between. So the loop is blocked for at most
 * `UNITS_A_TURN` units, or for a single larger piece of work.
 */
export class WorkTurns {
  readonly #waiting = new FairQueue<Piece>(Number.POSITIVE_INFINITY);
  #next: Piece | null = null;
  #left = UNITS_A_TURN;
  #isTurning = false;

  /** Null if the work can run at once; else a promise that resolves when it can. */
  take(className: string, units: number): Promise<void> | null {
    if (units <= SMALL_UNITS) return null;
    if (this.#next === null && this.#fits(units)) {
      this.#spend(units);
      return null;
    }
    return new Promise((begin) => {
      this.#waiting.add(className, { units, begin }, 0);
      this.#next ??= this.#waiting.take(() => true)?.item ?? null;
    });
  }

  /** True also for work larger than a turn, if nothing else ran in the turn. */
  #fits(units: number): boolean {
    return units <= this.#left || this.#left === UNITS_A_TURN;
  }

  #spend(units: number): void {
    this.#left -= units;
    if (this.#isTurning) return;
    this.#isTurning = true;
    setImmediate(() => this.#beginTurn());
  }

  #beginTurn(): void {
    this.#isTurning = false;
    this.#left = UNITS_A_TURN;
    while (this.#next !== null && this.#fits(this.#next.units)) {
      this.#spend(this.#next.units);
      this.#next.begin();
      this.#next = this.#waiting.take(() => true)?.item ?? null;
    }
  }
}

/** The most units that reading and validating a body can take. */
export function unitsOfBody(bytes: number, valuesMax = BODY_VALUES_MAX): number {
  return bytes + UNITS_A_VALUE * Math.min(bytes / BYTES_A_VALUE, valuesMax);
}
