import { BUILT_IN_CATALOGUE, PERMISSIONS } from '@latchkey/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KeyRecord } from '../domain/keys/key-store.ts';
import { newId } from '../domain/shared/id.ts';
import { AT, aKey, UNTOUCHED } from '../storage/suites/suite-database.ts';
import { DIGEST_WORDS, PackedRecords } from './packed-records.ts';

const PEOPLE = ['usr_a', 'usr_b'].map((id) => ({ id, email: `${id}@example.com`, displayName: id }));
const WORKSPACES = ['ws_a', 'ws_b'];

let made = 0;

function aDigest(): Uint32Array {
  return new Uint32Array(DIGEST_WORDS).fill(++made);
}

function aRecord(changes: Partial<KeyRecord['key']> = {}, more: Partial<KeyRecord> = {}): KeyRecord {
  const key = aKey('ws_a', PEOPLE[0] ?? expect.unreachable(), changes);
  return { key, secretRetiresAt: null, status: UNTOUCHED, ...more };
}

/** Puts the record under a new digest, which is returned. */
function put(records: PackedRecords, record: KeyRecord): Uint32Array {
  const digest = aDigest();
  records.put(digest, record);
  return digest;
}

const instant = fc.integer({ min: 0, max: 8_640_000_000_000_000 });
const limit = fc.option(fc.integer({ min: 1, max: 1_000_000_000 }));
const permissions = fc.subarray([...PERMISSIONS]);
const name = fc.string({ unit: 'grapheme', maxLength: 100 });
const reason = fc.option(fc.string({ unit: 'grapheme' }));

const someRecord = fc
  .record({
    person: fc.constantFrom(...PEOPLE),
    workspaceId: fc.constantFrom(...WORKSPACES),
    secretRetiresAt: fc.option(instant),
    workspace: fc.constantFrom('active', 'suspended', 'deleted'),
    owner: fc.constantFrom('active', 'suspended', null),
    cap: fc.option(permissions),
    revoked: fc.option(fc.record({ revokedAt: instant, revokedReason: reason })),
    requestsPerMinute: limit,
    requestsPerDay: limit,
    fields: fc.record({
      name,
      permissions,
      hint: fc.constantFrom('lk_live_…aB3x', 'acme_test_…0000'),
      isActive: fc.boolean(),
      createdAt: instant,
      lastUsedAt: fc.option(instant),
      expiresAt: fc.option(instant),
      version: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
      isIntact: fc.boolean(),
      createdBy: fc.record({
        kind: fc.constantFrom('session' as const, 'key' as const),
        userId: fc.constantFrom('usr_a', 'usr_b'),
        keyId: fc.constantFrom(null, 'key_a'),
      }),
    }),
  })
  .map(({ person, workspaceId, secretRetiresAt, workspace, owner, cap, revoked, fields, ...limits }) => {
    const key = aKey(workspaceId, person, { ...fields, ...revoked, rateLimit: limits });
    const status = { workspace, owner, cap: cap && new Set(cap) };
    return { key, secretRetiresAt, status } as KeyRecord;
  });

describe('PackedRecords', () => {
  test('every record is returned as it was put', () => {
    fc.assert(
      fc.property(fc.array(someRecord, { minLength: 1, maxLength: 12 }), (given) => {
        const records = new PackedRecords(given.length, BUILT_IN_CATALOGUE);
        const digests = given.map((record) => put(records, record));
        // All keys of an owner in a workspace share one status: that of the record that was put last.
        const lastOfOwner = (of: KeyRecord) =>
          given.findLast(
            ({ key }) => key.workspaceId === of.key.workspaceId && key.owner.id === of.key.owner.id,
          );
        digests.forEach((digest, index) => {
          const record = given[index] ?? expect.unreachable();
          const status = lastOfOwner(record)?.status;
          expect(records.find(digest)).toEqual({ ...record, status });
        });
      }),
      { numRuns: 300 },
    );
  });

  test('touch sets the last use of one record only', () => {
    const records = new PackedRecords(2, BUILT_IN_CATALOGUE);
    const [used, other] = [aRecord(), aRecord()];
    const digest = put(records, used);
    const otherDigest = put(records, other);
    records.touch(records.find(digest) ?? expect.unreachable(), AT + 5);
    expect(records.find(digest)).toEqual({ ...used, key: { ...used.key, lastUsedAt: AT + 5 } });
    expect(records.find(otherDigest)).toEqual(other);
  });

  test('a record replaces the one with the same digest; a record whose id is not a TypeID is not stored', () => {
    const records = new PackedRecords(3, BUILT_IN_CATALOGUE);
    const digest = put(records, aRecord({ name: 'a name that is too long for the words of a record' }));
    const after = aRecord();
    records.put(digest, after);
    expect(records.find(digest)).toEqual(after);
    expect(records.find(put(records, aRecord({ id: 'key_1' })))).toBeNull();
    expect(records.size).toBe(1);
  });

  test('there are never more records than its capacity, and the last one put is always found', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.nat({ max: 100 }), (capacity, count) => {
        const records = new PackedRecords(capacity, BUILT_IN_CATALOGUE);
        for (let index = 0; index < count; index++) {
          const record = aRecord();
          const digest = put(records, record);
          expect(records.find(digest)).toEqual(record);
          expect(records.size).toBe(Math.min(index + 1, capacity));
        }
      }),
      { numRuns: 50 },
    );
  });

  test('when full, it evicts records that were not found lately before those that were', () => {
    const records = new PackedRecords(100, BUILT_IN_CATALOGUE);
    const digests = Array.from({ length: 100 }, () => put(records, aRecord()));
    // All records start as wanted; the first eviction clears that flag on each.
    put(records, aRecord());
    const wanted = digests.filter((_, index) => index % 2 === 1);
    for (let round = 0; round < 40; round++) {
      for (const digest of wanted) expect(records.find(digest)).not.toBeNull();
      put(records, aRecord());
    }
    expect(wanted.filter((digest) => records.find(digest) === null)).toEqual([]);
    expect(digests.filter((digest) => records.find(digest) === null)).toHaveLength(41);
  });

  test('dropKey drops the records of both secrets of a key, and of no other key', () => {
    const records = new PackedRecords(10, BUILT_IN_CATALOGUE);
    const rotated = aRecord({}, { secretRetiresAt: AT + 1 });
    const present = { ...rotated, secretRetiresAt: null };
    const other = aRecord();
    const digests = [put(records, rotated), put(records, other), put(records, present)];
    records.dropKey(newId('key'));
    records.dropKey('no id');
    expect(digests.map((digest) => records.find(digest) === null)).toEqual([false, false, false]);
    records.dropKey(rotated.key.id);
    expect(digests.map((digest) => records.find(digest) === null)).toEqual([true, false, true]);
    expect(records.size).toBe(1);
    expect(records.find(digests[1] ?? aDigest())).toEqual(other);
  });

  describe('after an invalidation', () => {
    const [first, second] = PEOPLE;
    const keys = [
      { workspaceId: 'ws_a', owner: first },
      { workspaceId: 'ws_a', owner: second },
      { workspaceId: 'ws_b', owner: first },
    ].map(({ workspaceId, owner = expect.unreachable() }) => aRecord({ workspaceId, owner }));

    function missedAfter(invalidate: (records: PackedRecords) => void) {
      const records = new PackedRecords(10, BUILT_IN_CATALOGUE);
      const digests = keys.map((record) => put(records, record));
      invalidate(records);
      const missed = () => digests.map((digest) => records.find(digest) === null);
      return { records, missed };
    }

    test('of a member, their keys in that workspace are not found', () => {
      expect(missedAfter((records) => records.invalidateMember('ws_a', 'usr_a')).missed()).toEqual([
        true,
        false,
        false,
      ]);
    });

    test('of a workspace, none of its keys are found', () => {
      expect(missedAfter((records) => records.invalidateWorkspace('ws_a')).missed()).toEqual([
        true,
        true,
        false,
      ]);
    });

    test('the next record that is put updates the status of all keys of its owner', () => {
      const { records, missed } = missedAfter((all) => all.invalidateWorkspace('ws_a'));
      const status = { ...UNTOUCHED, owner: 'suspended' } as const;
      const digest = put(records, aRecord({}, { status }));
      expect(missed()).toEqual([false, true, false]);
      expect(records.find(digest)?.status).toEqual(status);
    });
  });
});
