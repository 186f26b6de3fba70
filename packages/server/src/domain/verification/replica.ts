import type { KeyRecord } from '../keys/key-store.ts';

/**
 * The cache of keys in this process. It never returns a state from before an acknowledged change. On a miss it looks up
 * the store, and caches the result up to two maxima: one for keys, and one for texts that are not keys.
 */
export interface Replica {
  /**
   * The key with this secret, without a look-up in the store. `no-such-key`: no key has this secret. `not-cached`: only
   * `load` can find out. The record stays as it is, except that `recordUse` sets its `lastUsedAt`.
   */
  peek(keyText: string): KeyRecord | 'not-cached' | 'no-such-key';

  /** Call it when a key is accepted. Sets `lastUsedAt` of a record that `peek` returned, in milliseconds since 1970. */
  recordUse(record: KeyRecord, usedAt: number): void;

  /**
   * Call it when a key that `peek` returned is denied. The calls then take as long as those for a text that is not a key,
   * so that response times do not reveal which texts are keys.
   */
  recordDenial(keyText: string): void;

  /**
   * Loads the record from the store; null when the key does not exist. Concurrent calls for one key share one look-up.
   * Throws UNAVAILABLE when too many look-ups are pending.
   */
  load(keyText: string): Promise<KeyRecord | null>;
}
