import { Random } from '../../harness/random.ts';

/** Random choices of the fuzzer, from its seed. */
export class FuzzRandom extends Random {
  /** A whole number, both ends included. */
  between(min: number, max: number): number {
    return min + this.below(max - min + 1);
  }

  /** Undefined where there is nothing to pick from. */
  pickAny<T>(items: readonly T[]): T | undefined {
    return items.length === 0 ? undefined : this.pick(items);
  }
}
