import { type Catalogue, isKeyText } from '@latchkey/contract';
import { LRUCache } from 'lru-cache';
import type { KeyLookup, KeyRecord } from '../domain/keys/key-store.ts';
import { AppError } from '../domain/shared/app-error.ts';
import type { Change, ChangeFeed } from '../domain/shared/change-feed.ts';
import type { Keyring } from '../domain/shared/keyring.ts';
import { ABSENT, type Place, type Replica, UNKNOWN } from '../domain/verification/replica.ts';
import { Fingerprint } from './fingerprint.ts';
import type { KnownDigests } from './known-digests.ts';
import { PackedRecords } from './packed-records.ts';

/** Texts in the form of keys that are none, remembered apart from keys so that they never push one out. */
const UNKNOWN_MAX = 10_000;
/** Look-ups under way at a time; what comes on top is refused, so that waiting never fills the memory. */
const LOOKUPS_MAX = 1_000;

export interface ReplicaNeeds {
  readonly lookup: Pick<KeyLookup, 'findByDigest'>;
  readonly feed: ChangeFeed;
  readonly keyring: Keyring;
  readonly known: KnownDigests;
  readonly catalogue: Catalogue;
}

/** The replica of one process: filled by what is asked, kept true by the feed. */
export class KeyReplica implements Replica {
  readonly #needs: ReplicaNeeds;
  readonly #records: PackedRecords;
  readonly #unknown = new LRUCache<string, true>({ max: UNKNOWN_MAX });
  readonly #fingerprint = new Fingerprint();
  /** The look-ups that began after the last change. */
  #lookups = new Map<string, Promise<KeyRecord | null>>();
  #lookupsUnderWay = 0;
  /** Counts changes: what was read before one is never kept after it. */
  #generation = 0;

  constructor(needs: ReplicaNeeds, keysMax: number) {
    this.#needs = needs;
    this.#records = new PackedRecords(keysMax, needs.catalogue);
    needs.feed.subscribe((changes) => this.#forget(changes));
  }

  placeOf(keyText: string): Place {
    const fingerprint = this.#fingerprint.of(keyText);
    const slot = this.#records.find(fingerprint.words);
    if (slot !== ABSENT) return slot;
    return this.#isNone(keyText, fingerprint.text) ? UNKNOWN : ABSENT;
  }

  takeTime(keyText: string): void {
    const { keyring, known } = this.#needs;
    known.mayHave(keyring.digest(keyText));
  }

  recordAt(place: Place): KeyRecord {
    return this.#records.at(place);
  }

  touch(place: Place, usedAt: number): void {
    this.#records.touch(place, usedAt);
  }

  load(keyText: string): Promise<KeyRecord | null> {
    const { text } = this.#fingerprint.of(keyText);
    const underWay = this.#lookups.get(text);
    if (underWay) return underWay;
    if (this.#lookupsUnderWay >= LOOKUPS_MAX) return Promise.reject(new AppError('UNAVAILABLE'));
    const lookup = this.#look(keyText, text);
    this.#lookups.set(text, lookup);
    return lookup;
  }

  /** What is told from the text alone is not remembered: it is told as fast again. */
  #isNone(keyText: string, text: string): boolean {
    const { keyring, known } = this.#needs;
    return this.#unknown.has(text) || !isKeyText(keyText) || !known.mayHave(keyring.digest(keyText));
  }

  async #look(keyText: string, text: string): Promise<KeyRecord | null> {
    const generation = this.#generation;
    const lookups = this.#lookups;
    this.#lookupsUnderWay++;
    try {
      const record = await this.#needs.lookup.findByDigest(this.#needs.keyring.digest(keyText));
      if (generation === this.#generation) this.#keep(keyText, text, record);
      return record;
    } finally {
      this.#lookupsUnderWay--;
      lookups.delete(text);
    }
  }

  #keep(keyText: string, text: string, record: KeyRecord | null): void {
    if (record) this.#records.put(this.#fingerprint.of(keyText).words, record);
    else this.#unknown.set(text, true);
  }

  /** Look-ups under way go on for those who wait for them; whoever asks from now on starts another. */
  #forget(changes: readonly Change[]): void {
    this.#generation++;
    this.#lookups = new Map();
    for (const change of changes) this.#forgetOne(change);
  }

  #forgetOne(change: Change): void {
    switch (change.kind) {
      case 'key':
        this.#records.forgetKey(change.keyId);
        break;
      case 'member':
        this.#records.forgetMember(change.workspaceId, change.userId);
        break;
      case 'workspace':
        this.#records.forgetWorkspace(change.workspaceId);
        break;
      case 'secret':
        // Nobody can have asked for it before: it is 256 random bits.
        break;
    }
  }
}
