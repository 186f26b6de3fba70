import type { KeyRecord } from '../keys/key-store.ts';

/** A reference to a cached key. It is valid until the next `await`. */
export type Place = number;

/** The key may exist, but is not cached. */
export const ABSENT: Place = -1;
/** The key does not exist. */
export const UNKNOWN: Place = -2;

/**
 * The cache of keys in this process. It never returns a state from before an acknowledged change. On a miss it looks up
 * the store, and caches the result up to two maxima: one for keys, and one for texts that are not keys.
 */
export interface Replica {
  /** The cached key with this secret; ABSENT when it is not cached; UNKNOWN when it does not exist. */
  placeOf(keyText: string): Place;

  /** The record of a cached key; not for ABSENT or UNKNOWN. */
  recordAt(place: Place): KeyRecord;

  /** Makes a call for a cached key take as long as `placeOf` takes for an unknown text, against timing attacks. */
  takeTime(keyText: string): void;

  /** Sets `lastUsedAt` of a cached key to `usedAt`, in milliseconds since 1970. */
  touch(place: Place, usedAt: number): void;

  /**
   * Loads the record from the store; null when the key does not exist. Concurrent calls for one key share one look-up.
   * Throws UNAVAILABLE when too many look-ups are pending.
   */
  load(keyText: string): Promise<KeyRecord | null>;
}
