import type { Catalogue } from '@latchkey/contract';
import type { CreatedBy } from '../domain/keys/key.ts';
import type { KeyRecord } from '../domain/keys/key-store.ts';
import { HashIndex } from './hash-index.ts';
import { InternTable } from './intern-table.ts';
import { type OwnerState, OwnerStates } from './owner-states.ts';
import { ID_HASH_WORD, ID_WORDS, packId, unpackId } from './packed-id.ts';
import { PermissionBits } from './permission-bits.ts';
import { UnpackedRecord, UnpackedRecords } from './unpacked-records.ts';

/*
 * A record is 28 words of 4 bytes; times are doubles over two of them:
 *
 *   0–3 digest | 4–8 id | 9 flags, length of the name | 10 expiresAt | 12 createdAt | 14 lastUsedAt
 *   16 permissions | 17 owner | 18 creation | 19 per minute | 20 per day | 21 end of the hint | 22–26 name | 27 version
 */
const RECORD_WORDS = 28;
const RECORD_DOUBLES = RECORD_WORDS / 2;
const RECORD_BYTES = RECORD_WORDS * 4;

const DIGEST = 0;
export const DIGEST_WORDS = 4;
const ID = 4;
const FLAGS = 9;
const EXPIRES_AT = 5;
const CREATED_AT = 6;
const LAST_USED_AT = 7;
const PERMISSIONS = 16;
const OWNER = 17;
const CREATION = 18;
const PER_MINUTE = 19;
const PER_DAY = 20;
const HINT_END = 21;
const NAME_BYTE = 88;
const NAME_BYTES_MAX = 20;
const VERSION = 27;

const IS_ACTIVE = 1;
const IS_INTACT = 2;
/** Was found since eviction last passed it (the reference bit of the second-chance algorithm). */
const IS_WANTED = 4;
const IS_RARE = 8;
const IS_FOR_VERIFICATION = 16;
const NAME_LENGTH_SHIFT = 8;

const HINT_END_LENGTH = 4;

/** The facts that all keys of one creator share. */
interface Creation {
  readonly createdBy: CreatedBy;
  readonly hintStart: string;
}

/** Facts that few keys have, stored outside of the packed records. */
interface RareFacts {
  readonly revokedAt: number | null;
  readonly revokedReason: string | null;
  readonly secretRetiresAt: number | null;
  /** The name, when it is too long for the record. */
  readonly name: string | null;
}

/**
 * Key records by the digest of a secret, in one block of memory that is allocated once. When it is full, a record that was
 * not found lately is evicted (second-chance algorithm).
 */
export class PackedRecords {
  readonly capacity: number;
  readonly #words: Uint32Array;
  readonly #doubles: Float64Array;
  readonly #bytes: Buffer;
  readonly #byDigest: HashIndex;
  readonly #byId: HashIndex;
  readonly #permissions: PermissionBits;
  readonly #sets = new InternTable<string>();
  readonly #owners = new OwnerStates();
  readonly #creations = new InternTable<Creation>();
  readonly #rare = new Map<number, RareFacts>();
  readonly #unpacked = new UnpackedRecords();
  readonly #free: number[] = [];
  readonly #id = new Uint32Array(ID_WORDS);
  /** Slots from here on have never been used. */
  #fresh = 0;
  #hand = 0;

  constructor(capacity: number, catalogue: Catalogue) {
    this.capacity = capacity;
    this.#permissions = new PermissionBits(catalogue);
    const memory = new ArrayBuffer(capacity * RECORD_BYTES);
    this.#words = new Uint32Array(memory);
    this.#doubles = new Float64Array(memory);
    this.#bytes = Buffer.from(memory);
    const records = { words: this.#words, stride: RECORD_WORDS };
    this.#byDigest = new HashIndex({ ...records, keyAt: DIGEST, keyWords: DIGEST_WORDS, hashWord: 0 });
    this.#byId = new HashIndex({ ...records, keyAt: ID, keyWords: ID_WORDS, hashWord: ID_HASH_WORD });
  }

  get size(): number {
    return this.#fresh - this.#free.length;
  }

  /**
   * The record with this digest, as it was put, except that `touch` changes `lastUsedAt`. Null when there is none, or when
   * its workspace or owner may have changed.
   */
  find(digest: Uint32Array): KeyRecord | null {
    const slot = this.#byDigest.find(digest);
    if (slot === -1) return null;
    const start = slot * RECORD_WORDS;
    const state = this.#owners.get(this.#word(start + OWNER));
    if (!state.isCurrent) return null;
    this.#words[start + FLAGS] = this.#word(start + FLAGS) | IS_WANTED;
    const cached = this.#unpacked.get(slot);
    if (cached?.ownerState === state) return cached;
    const record = new UnpackedRecord(this.#unpack(slot, state), slot, state);
    this.#unpacked.keep(record);
    return record;
  }

  /** Stores the record, in place of any other with this digest. Ignores a record whose id is not the TypeID of a key. */
  put(digest: Uint32Array, record: KeyRecord): void {
    if (!packId(record.key.id, this.#id)) return;
    const before = this.#byDigest.find(digest);
    if (before !== -1) this.#release(before);
    const slot = this.#free.pop() ?? (this.#fresh < this.capacity ? this.#fresh++ : this.#evict());
    this.#write(slot, digest, record);
    this.#byDigest.add(slot);
    this.#byId.add(slot);
  }

  #unpack(slot: number, { workspaceId, owner, status }: OwnerState): KeyRecord {
    const start = slot * RECORD_WORDS;
    const { createdBy, hintStart } = this.#creations.get(this.#word(start + CREATION));
    const flags = this.#word(start + FLAGS);
    const rare = (flags & IS_RARE) !== 0 ? this.#rare.get(slot) : undefined;
    return {
      key: {
        id: unpackId(this.#words, start + ID),
        workspaceId,
        owner,
        name: rare?.name ?? this.#nameAt(slot, flags >>> NAME_LENGTH_SHIFT),
        hint: hintStart + this.#hintEndAt(slot),
        isActive: (flags & IS_ACTIVE) !== 0,
        use: (flags & IS_FOR_VERIFICATION) === 0 ? 'api' : 'verify',
        permissions: this.#permissions.listOf(this.#sets.get(this.#word(start + PERMISSIONS))),
        rateLimit: {
          requestsPerMinute: this.#word(start + PER_MINUTE) || null,
          requestsPerDay: this.#word(start + PER_DAY) || null,
        },
        createdAt: this.#double(slot, CREATED_AT),
        createdBy,
        lastUsedAt: orNull(this.#double(slot, LAST_USED_AT)),
        expiresAt: orNull(this.#double(slot, EXPIRES_AT)),
        revokedAt: rare?.revokedAt ?? null,
        revokedReason: rare?.revokedReason ?? null,
        version: this.#word(start + VERSION),
        isIntact: (flags & IS_INTACT) !== 0,
      },
      secretRetiresAt: rare?.secretRetiresAt ?? null,
      status,
    };
  }

  /** Sets `lastUsedAt` of a record that `find` returned. Ignores a record that was dropped since. */
  touch(record: KeyRecord, usedAt: number): void {
    const unpacked = this.#unpacked.own(record);
    if (!unpacked) return;
    this.#doubles[unpacked.slot * RECORD_DOUBLES + LAST_USED_AT] = usedAt;
    unpacked.key.lastUsedAt = usedAt;
  }

  /** Drops every record of the key. */
  dropKey(keyId: string): void {
    if (!packId(keyId, this.#id)) return;
    for (let slot = this.#byId.find(this.#id); slot !== -1; slot = this.#byId.find(this.#id)) {
      this.#release(slot);
    }
  }

  invalidateMember(workspaceId: string, userId: string): void {
    this.#owners.invalidateMember(workspaceId, userId);
  }

  invalidateWorkspace(workspaceId: string): void {
    this.#owners.invalidateWorkspace(workspaceId);
  }

  #evict(): number {
    for (; ; this.#hand = (this.#hand + 1) % this.capacity) {
      const flagsAt = this.#hand * RECORD_WORDS + FLAGS;
      const flags = this.#word(flagsAt);
      if ((flags & IS_WANTED) === 0) break;
      this.#words[flagsAt] = flags & ~IS_WANTED;
    }
    const slot = this.#hand;
    this.#drop(slot);
    this.#hand = (slot + 1) % this.capacity;
    return slot;
  }

  #release(slot: number): void {
    this.#drop(slot);
    this.#free.push(slot);
  }

  #drop(slot: number): void {
    this.#byDigest.remove(slot);
    this.#byId.remove(slot);
    const start = slot * RECORD_WORDS;
    this.#sets.release(this.#word(start + PERMISSIONS));
    this.#owners.release(this.#word(start + OWNER));
    this.#creations.release(this.#word(start + CREATION));
    this.#rare.delete(slot);
    this.#unpacked.drop(slot);
  }

  #write(slot: number, digest: Uint32Array, record: KeyRecord): void {
    const { key } = record;
    const start = slot * RECORD_WORDS;
    const words = this.#words;
    words.set(digest, start + DIGEST);
    words.set(this.#id, start + ID);
    const permissions = this.#permissions.pack(key.permissions);
    words[start + PERMISSIONS] = this.#sets.take(permissions, permissions);
    words[start + OWNER] = this.#owners.take(record);
    words[start + CREATION] = this.#takeCreation(record);
    words[start + PER_MINUTE] = key.rateLimit.requestsPerMinute ?? 0;
    words[start + PER_DAY] = key.rateLimit.requestsPerDay ?? 0;
    words[start + VERSION] = key.version;
    const doubles = slot * RECORD_DOUBLES;
    this.#doubles[doubles + EXPIRES_AT] = key.expiresAt ?? Number.NaN;
    this.#doubles[doubles + CREATED_AT] = key.createdAt;
    this.#doubles[doubles + LAST_USED_AT] = key.lastUsedAt ?? Number.NaN;
    this.#bytes.write(key.hint.slice(-HINT_END_LENGTH), (start + HINT_END) * 4, 'latin1');
    words[start + FLAGS] = this.#writeNameAndRareFacts(slot, record) | flagsOf(record);
  }

  /** Returns the length of the name and the `IS_RARE` flag. */
  #writeNameAndRareFacts(slot: number, { key, secretRetiresAt }: KeyRecord): number {
    const { name, revokedAt, revokedReason } = key;
    const length = Buffer.byteLength(name);
    const fits = length <= NAME_BYTES_MAX;
    if (fits) this.#bytes.write(name, slot * RECORD_BYTES + NAME_BYTE);
    const lengthFlags = fits ? length << NAME_LENGTH_SHIFT : 0;
    if (fits && revokedAt === null && secretRetiresAt === null) return lengthFlags;
    this.#rare.set(slot, { revokedAt, revokedReason, secretRetiresAt, name: fits ? null : name });
    return lengthFlags | IS_RARE;
  }

  #takeCreation({ key: { createdBy, hint } }: KeyRecord): number {
    const hintStart = hint.slice(0, -HINT_END_LENGTH);
    const name = [createdBy.kind, createdBy.userId, createdBy.keyId, hintStart].join();
    return this.#creations.take(name, { createdBy, hintStart });
  }

  #nameAt(slot: number, length: number): string {
    const start = slot * RECORD_BYTES + NAME_BYTE;
    return this.#bytes.toString('utf8', start, start + length);
  }

  #hintEndAt(slot: number): string {
    const start = slot * RECORD_BYTES + HINT_END * 4;
    return this.#bytes.toString('latin1', start, start + HINT_END_LENGTH);
  }

  #word(at: number): number {
    return this.#words[at] ?? 0;
  }

  #double(slot: number, field: number): number {
    return this.#doubles[slot * RECORD_DOUBLES + field] ?? 0;
  }
}

function flagsOf({ key }: KeyRecord): number {
  const use = key.use === 'verify' ? IS_FOR_VERIFICATION : 0;
  return (key.isActive ? IS_ACTIVE : 0) | (key.isIntact ? IS_INTACT : 0) | use | IS_WANTED;
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
