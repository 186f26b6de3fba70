import { BODY_VALUES_MAX } from '@latchkey/contract';
import { FairQueue } from './fair-queue.ts';

/** A unit is about 10 ns of the thread that answers everybody: what it takes to read a byte of a body. */
const UNITS_A_TURN = 800_000;
/** A piece that never waits: it takes less than its request takes otherwise. */
const SMALL_UNITS = 4_096;
/** What it takes to build a value of a body and to check it. */
const UNITS_A_VALUE = 20;
/** The shortest value and its comma. */
const BYTES_A_VALUE = 2;

interface Piece {
  readonly units: number;
  readonly begin: () => void;
}

/**
 * Shares each turn of the event loop among pieces of work whose size is up to callers. What does not fit waits for a later
 * turn, each workspace with its own turn, and all else is answered in between. So the loop is held no longer than by
 * `UNITS_A_TURN` of them, or by a single larger one.
 */
export class WorkTurns {
  readonly #waiting = new FairQueue<Piece>(Number.POSITIVE_INFINITY);
  #next: Piece | null = null;
  #left = UNITS_A_TURN;
  #isTurning = false;

  /** Null where the piece can be done at once; else resolves when it can. */
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

  /** Also where it is larger than a turn, in one of its own. */
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

/** What it takes to read a body and to check it, at most. */
export function unitsOfBody(bytes: number, valuesMax = BODY_VALUES_MAX): number {
  return bytes + UNITS_A_VALUE * Math.min(bytes / BYTES_A_VALUE, valuesMax);
}
