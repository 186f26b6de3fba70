import { hash } from 'node:crypto';
import { type Catalogue, isKeyText } from '@latchkey/contract';
import { LRUCache } from 'lru-cache';
import type { Key } from '../domain/keys/key.ts';
import type { KeyLookup, KeyRecord } from '../domain/keys/key-store.ts';
import { AppError } from '../domain/shared/app-error.ts';
import type { ChangeFeed, Invalidation, SharedChanges } from '../domain/shared/change-feed.ts';
import type { Clock, MonotonicClock } from '../domain/shared/clock.ts';
import type { Keyring } from '../domain/shared/keyring.ts';
import type { Replica } from '../domain/verification/replica.ts';
import type { KeyExistenceFilter } from './key-existence-filter.ts';
import { DIGEST_WORDS, PackedRecords } from './packed-records.ts';

/** Unknown texts in the format of keys that are cached; separate from keys, so that they never evict one. */
const UNKNOWN_MAX = 10_000;
/** Pending look-ups; more fail with UNAVAILABLE, so that waiting calls cannot fill the memory. */
const LOOKUPS_MAX = 1_000;

export interface ReplicaNeeds {
  readonly lookup: Pick<KeyLookup, 'findByDigest'>;
  readonly feed: ChangeFeed;
  readonly keyring: Keyring;
  /** Called with a key that is stored under the digest of another pepper. False: it must be called again. */
  readonly onOtherDigest?: (keyText: string, key: Key) => boolean;
  readonly known: KeyExistenceFilter;
  readonly catalogue: Catalogue;
  readonly clock: Clock & MonotonicClock;
  /** Null or left out: only this process changes keys. */
  readonly shared?: SharedChanges | null;
}

/** The replica of one process: filled by look-ups, invalidated by the change feed. */
export class KeyReplica implements Replica {
  readonly #needs: ReplicaNeeds;
  readonly #keysMax: number;
  #records: PackedRecords;
  readonly #unknown = new LRUCache<string, true>({ max: UNKNOWN_MAX });
  readonly #fingerprint = new Fingerprint();
  /** The pending look-ups that began after the last change, by digest. */
  #lookups = new Map<string, Promise<KeyRecord | null>>();
  #pendingLookups = 0;
  /** Counts changes: a record whose look-up began before a change is not cached after it. */
  #generation = 0;

  constructor(needs: ReplicaNeeds, keysMax: number) {
    this.#needs = needs;
    this.#keysMax = keysMax;
    this.#records = new PackedRecords(keysMax, needs.catalogue);
    needs.feed.subscribe((changes) => this.#invalidate(changes));
  }

  /** The number of keys in memory. */
  get size(): number {
    return this.#records.size;
  }

  peek(keyText: string): KeyRecord | 'not-cached' | 'no-such-key' {
    const { shared } = this.#needs;
    if (shared && !shared.isCurrent()) return 'not-cached';
    const fingerprint = this.#fingerprint.of(keyText);
    const record = this.#records.find(fingerprint.words);
    if (record) return record;
    return this.#isUnknown(keyText, fingerprint.text) ? 'no-such-key' : 'not-cached';
  }

  recordUse(record: KeyRecord, usedAt: number): void {
    this.#records.touch(record, usedAt);
  }

  /** Does the work of `peek` that only texts which are not cached need. */
  recordDenial(keyText: string): void {
    const { keyring, known } = this.#needs;
    for (const digest of keyring.digests(keyText)) known.mayHave(digest);
  }

  load(keyText: string): Promise<KeyRecord | null> {
    const { text } = this.#fingerprint.of(keyText);
    const pending = this.#lookups.get(text);
    if (pending) return pending;
    if (this.#pendingLookups >= LOOKUPS_MAX) return Promise.reject(new AppError('UNAVAILABLE'));
    const lookup = this.#look(keyText, text);
    this.#lookups.set(text, lookup);
    return lookup;
  }

  /**
   * Only texts that needed a look-up are cached as unknown: the other two checks need no look-up. Of a database that
   * several processes use, the filter of stored digests is complete only after a poll: see `#isStored`.
   */
  #isUnknown(keyText: string, text: string): boolean {
    if (this.#unknown.has(text) || !isKeyText(keyText)) return true;
    const { keyring, known, shared } = this.#needs;
    return !shared && !keyring.digests(keyText).some((digest) => known.mayHave(digest));
  }

  /** False: no key has one of these digests. Another process may have made it a moment ago, so that it catches up first. */
  async #isStored(digests: readonly string[]): Promise<boolean> {
    const { known, shared } = this.#needs;
    const mayHave = () => digests.some((digest) => known.mayHave(digest));
    if (!shared || mayHave()) return mayHave();
    await shared.catchUp();
    return mayHave();
  }

  async #look(keyText: string, text: string): Promise<KeyRecord | null> {
    const lookups = this.#lookups;
    this.#pendingLookups++;
    try {
      const { keyring, shared } = this.#needs;
      const digests = keyring.digests(keyText);
      if (!(await this.#isStored(digests))) return null;
      const generation = this.#generation;
      const msSinceStart = this.#timer();
      const { record, isSettled } = await this.#find(keyText, digests);
      if (shared && msSinceStart() >= shared.leaseMs) throw new AppError('UNAVAILABLE');
      if (isSettled && generation === this.#generation) this.#keep(keyText, text, record);
      return record;
    } finally {
      this.#pendingLookups--;
      lookups.delete(text);
    }
  }

  /** `isSettled`: false if the record must be looked up again at the next use. */
  async #find(
    keyText: string,
    digests: readonly string[],
  ): Promise<{ record: KeyRecord | null; isSettled: boolean }> {
    const { lookup, keyring, onOtherDigest } = this.#needs;
    for (const digest of digests) {
      const record = await lookup.findByDigest(digest);
      if (record === null) continue;
      const isCurrent = digests.length === 1 || digest === keyring.digest(keyText);
      return { record, isSettled: isCurrent || (onOtherDigest?.(keyText, record.key) ?? true) };
    }
    return { record: null, isSettled: true };
  }

  /**
   * Measures milliseconds from now on, by the clock that says more, as the lease is measured: a process that was stopped during
   * a look-up has a record that was read before, which another instance may have changed since.
   */
  #timer(): () => number {
    const { clock } = this.#needs;
    const [wall, monotonic] = [clock.now(), clock.monotonic()];
    return () => Math.max(clock.now() - wall, clock.monotonic() - monotonic);
  }

  #keep(keyText: string, text: string, record: KeyRecord | null): void {
    if (record) this.#records.put(this.#fingerprint.of(keyText).words, record);
    else this.#unknown.set(text, true);
  }

  /** Pending look-ups complete for the calls that wait for them; later calls start new ones. */
  #invalidate(changes: readonly Invalidation[]): void {
    this.#generation++;
    this.#lookups = new Map();
    for (const change of changes) this.#invalidateOne(change);
  }

  #invalidateOne(change: Invalidation): void {
    switch (change.kind) {
      case 'key':
        this.#records.dropKey(change.keyId);
        break;
      case 'member':
        this.#records.invalidateMember(change.workspaceId, change.userId);
        break;
      case 'workspace':
        this.#records.invalidateWorkspace(change.workspaceId);
        break;
      case 'everything':
        this.#records = new PackedRecords(this.#keysMax, this.#needs.catalogue);
        this.#unknown.clear();
        break;
      case 'secret':
        // A new secret is 256 random bits: no earlier call can have cached it as unknown.
        break;
    }
  }
}

/** The key of a text in memory: the first 128 bits of its SHA-256. The next call of `of` overwrites it. */
class Fingerprint {
  readonly words = new Uint32Array(DIGEST_WORDS);
  /** The whole digest, one character for each byte. */
  text = '';

  of(keyText: string): this {
    this.text = hash('sha256', keyText, 'binary');
    for (let word = 0; word < DIGEST_WORDS; word++) this.words[word] = wordOf(this.text, word * 4);
    return this;
  }
}

function wordOf(text: string, at: number): number {
  return (
    text.charCodeAt(at) |
    (text.charCodeAt(at + 1) << 8) |
    (text.charCodeAt(at + 2) << 16) |
    (text.charCodeAt(at + 3) << 24)
  );
}
