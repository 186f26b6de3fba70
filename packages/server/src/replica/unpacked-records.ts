import type { Key } from '../domain/keys/key.ts';
import type { KeyRecord } from '../domain/keys/key-store.ts';
import type { CredentialStatus } from '../domain/tenancy/credential-status.ts';
import type { OwnerState } from './owner-states.ts';

/** Cached objects, of one or two kilobytes each including cached parts of responses. */
const SIZE = 32_768;

/** A record as an object, in which `lastUsedAt` can be set. */
export class UnpackedRecord implements KeyRecord {
  readonly key: Key & { lastUsedAt: number | null };
  readonly secretRetiresAt: number | null;
  readonly status: CredentialStatus;
  readonly #slot: number;
  readonly #ownerState: OwnerState;

  /** `ownerState` is that of the key when it was unpacked. */
  constructor({ key, secretRetiresAt, status }: KeyRecord, slot: number, ownerState: OwnerState) {
    this.key = key;
    this.secretRetiresAt = secretRetiresAt;
    this.status = status;
    this.#slot = slot;
    this.#ownerState = ownerState;
  }

  get slot(): number {
    return this.#slot;
  }

  get ownerState(): OwnerState {
    return this.#ownerState;
  }
}

/**
 * A direct-mapped cache of recently used records as objects: unpacking a record takes longer than judging it. Each slot
 * maps to one place, and an object replaces the one in its place.
 */
export class UnpackedRecords {
  readonly #places: (UnpackedRecord | undefined)[] = new Array(SIZE).fill(undefined);

  get(slot: number): UnpackedRecord | undefined {
    const unpacked = this.#places[slot % SIZE];
    return unpacked?.slot === slot ? unpacked : undefined;
  }

  /** The object, if the cache still has it; undefined for an object of another origin. */
  own(record: KeyRecord): UnpackedRecord | undefined {
    return record instanceof UnpackedRecord && this.get(record.slot) === record ? record : undefined;
  }

  keep(unpacked: UnpackedRecord): void {
    this.#places[unpacked.slot % SIZE] = unpacked;
  }

  drop(slot: number): void {
    if (this.get(slot)) this.#places[slot % SIZE] = undefined;
  }
}
