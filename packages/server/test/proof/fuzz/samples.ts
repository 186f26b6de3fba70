import { createGeneratorSync } from 'json-schema-faker';
import type { FuzzRandom } from './fuzz-random.ts';
import { OPERATIONS } from './operations.ts';

const EACH = 16;
/** Small, so that the time is spent on requests and not on generating text; mutations cover sizes. */
const LIMITS = { maxItems: 5, maxLength: 24 };

export interface Sample {
  readonly body: unknown;
  readonly query: Readonly<Record<string, unknown>>;
}

/** Inputs that follow the published schemas of each operation, made once from a seed. */
export class Samples {
  readonly #byOperation: ReadonlyMap<string, readonly Sample[]>;

  constructor(seed: number) {
    const generator = createGeneratorSync({ seed, ...LIMITS });
    this.#byOperation = new Map(
      OPERATIONS.map(({ id, body, query }) => [
        id,
        Array.from({ length: EACH }, () => ({
          body: body ? generator.generate(body) : undefined,
          query: query ? (generator.generate(query) as Sample['query']) : {},
        })),
      ]),
    );
  }

  /** A fresh copy, for the caller to change. */
  draw(operationId: string, random: FuzzRandom): Sample {
    return (
      structuredClone(random.pickAny(this.#byOperation.get(operationId) ?? [])) ?? {
        body: undefined,
        query: {},
      }
    );
  }
}
