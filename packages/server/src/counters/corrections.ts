import { MinuteWindows, type Window } from '../domain/verification/limits/minute-windows.ts';

/** Cost of a key that the counter store must add or take back. */
export interface Correction {
  readonly added: number;
  readonly returned: number;
  readonly returnedAt: number;
}

const NOTHING: Correction = { added: 0, returned: 0, returnedAt: 0 };

interface Returned {
  readonly cost: number;
  /** By the clock of the store. */
  readonly at: number;
}

/** What the counter store has not been told yet. Cost that was admitted more than a minute ago is dropped. */
export class Corrections {
  readonly #windows = new MinuteWindows();
  readonly #added = new Map<string, Window>();
  readonly #returned = new Map<string, Returned[]>();

  /** Cost that was admitted without the store at `now`, in milliseconds of a monotonic clock. */
  add(keyId: string, cost: number, now: number): void {
    if (cost === 0) return;
    let window = this.#added.get(keyId);
    if (window === undefined) {
      window = this.#windows.take();
      this.#added.set(keyId, window);
    }
    this.#windows.turnTo(window, now);
    this.#windows.add(window, cost, now);
  }

  /** Cost of the key that was admitted without the store, and that the store has not been told. */
  pending(keyId: string, now: number): number {
    const window = this.#added.get(keyId);
    if (window === undefined) return 0;
    this.#windows.turnTo(window, now);
    return this.#windows.used(window);
  }

  /** Cost that the store has counted at `at` of its own clock, and that was not used. */
  giveBack(keyId: string, cost: number, at: number): void {
    if (cost === 0) return;
    const earlier = this.#returned.get(keyId);
    if (earlier) earlier.push({ cost, at });
    else this.#returned.set(keyId, [{ cost, at }]);
  }

  /** A correction of the key, which is removed from here. */
  take(keyId: string, now: number): Correction {
    const window = this.#added.get(keyId);
    const returned = this.#returned.get(keyId);
    if (window === undefined && returned === undefined) return NOTHING;
    const first = returned?.shift();
    if (returned?.length === 0) this.#returned.delete(keyId);
    return {
      added: window === undefined ? 0 : this.#takeAdded(keyId, window, now),
      returned: first?.cost ?? 0,
      returnedAt: first?.at ?? 0,
    };
  }

  /** The keys that have corrections. */
  keys(): Set<string> {
    return new Set([...this.#added.keys(), ...this.#returned.keys()]);
  }

  /** Drops what no longer counts. */
  sweep(now: number): void {
    for (const [keyId, window] of this.#added)
      if (this.#windows.isIdle(window, now)) this.#takeAdded(keyId, window, now);
  }

  /** The counts of the store are void: nothing of them can be given back. */
  dropReturned(): void {
    this.#returned.clear();
  }

  #takeAdded(keyId: string, window: Window, now: number): number {
    this.#windows.turnTo(window, now);
    const added = this.#windows.used(window);
    this.#windows.giveBack(window);
    this.#added.delete(keyId);
    return added;
  }
}
