import type { FuzzRandom } from './fuzz-random.ts';
import type { World } from './world.ts';

/** A request that can still be changed. */
export interface Draft {
  method: string;
  /** Path and query, percent-encoded. */
  url: string;
  headers: Record<string, string>;
  /** The body as a value, until it is written as bytes; undefined: no body. */
  json: unknown;
  /** The body as it goes out. */
  bytes: Buffer | undefined;
}

/** Makes one part of a draft invalid, in place. */
export type Mutation = (draft: Draft, random: FuzzRandom, world: World) => void;
