import type { KeyRecord } from '../keys/key-store.ts';

/** A key in memory. Good until something is awaited. */
export type Place = number;

/** There may be such a key, but not in memory. */
export const ABSENT: Place = -1;
/** There is no such key. */
export const UNKNOWN: Place = -2;

/**
 * What this process knows of keys without asking anybody. It never answers with what was otherwise when a change was
 * acknowledged. Where it knows nothing it finds out, and remembers within bounds: so many keys, and apart from them so
 * many texts that are none.
 */
export interface Replica {
  /** The key with this secret; ABSENT or UNKNOWN where memory has none. */
  placeOf(keyText: string): Place;

  recordAt(place: Place): KeyRecord;

  /** Takes as long over the text of a key in memory as `placeOf` takes over one that is nobody's. */
  takeTime(keyText: string): void;

  /** Notes the use of a key in what `recordAt` returns from now on. */
  touch(place: Place, usedAt: number): void;

  /**
   * The record, from the store; null where there is no such key. Calls for the same key share one look-up. Throws
   * UNAVAILABLE where too many look-ups are under way already.
   */
  load(keyText: string): Promise<KeyRecord | null>;
}
