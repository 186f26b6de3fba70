import type { CountedDenialCode, Granularity } from '@latchkey/contract';
import { REFUSALS_KEPT } from '@latchkey/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Key } from '../../domain/keys/key.ts';
import { BUCKET_MS } from '../../domain/usage/bucket.ts';
import type { Denials, KeyUsage } from '../../domain/usage/usage-store.ts';
import {
  AT,
  aKey,
  aSecret,
  HELD,
  type OpenSuiteDatabase,
  type SuiteDatabase,
  seedWorkspace,
} from './suite-database.ts';

const { minute: MINUTE, hour: HOUR, day: DAY } = BUCKET_MS;
const REASON = { step: 'permission', missing: ['calls:read'], cost: 2 } as const;

function denials(count: number, at: number, reason: Denials['first']['reason'] = REASON): Denials {
  return { count, first: { at, reason } };
}

/** The contract of every UsageStore. */
export function usageStoreSuite(open: OpenSuiteDatabase): void {
  describe('UsageStore', () => {
    let database: SuiteDatabase;
    let key: Key;

    beforeEach(async () => {
      database = await open();
      key = await insertKey();
    });
    afterEach(() => database.close());

    const store = () => database.storage.usage;

    async function insertKey(): Promise<Key> {
      const { workspace, owner } = await seedWorkspace(database);
      const made = aKey(workspace.id, owner);
      await database.storage.keys.insert(made, aSecret(`digest of ${made.id}`), HELD);
      return made;
    }

    const usage = (changes: Partial<KeyUsage> = {}): KeyUsage => ({
      keyId: key.id,
      minute: AT,
      allowed: 0,
      denied: null,
      lastUsedAt: 0,
      oldSecret: null,
      ...changes,
    });

    async function counted(granularity: Granularity, from: number, until: number): Promise<unknown[]> {
      const counts = await store().count(key.workspaceId, key.id, granularity, from, until);
      return counts
        .sort((a, b) => a.startsAt - b.startsAt || a.code.localeCompare(b.code))
        .map(({ startsAt, code, count }) => [startsAt - AT, code, count]);
    }

    test('uses of an old secret count, move the last use of the key and of that secret, and are deleted when they are old', async () => {
      const secretsOf = () => database.storage.keys.secrets(key.workspaceId, key.id, AT + 1);
      await store().add([usage({ allowed: 1, lastUsedAt: AT - 5 })]);
      await database.storage.transact(({ keys }) =>
        keys.replaceSecret(
          key.workspaceId,
          key.id,
          { ...aSecret('new'), hint: 'new', createdAt: AT },
          AT,
          AT + DAY,
        ),
      );
      const [, before] = await secretsOf();
      expect(before).toMatchObject({ hint: key.hint, endsAt: AT + DAY, lastUsedAt: AT - 5 });
      await store().add([
        usage({ allowed: 5, lastUsedAt: AT + 1, oldSecret: { allowed: 2, lastUsedAt: AT + 2 } }),
        usage({ minute: AT + MINUTE, allowed: 3, oldSecret: { allowed: 3, lastUsedAt: AT + MINUTE } }),
      ]);
      expect(await secretsOf()).toMatchObject([
        { hint: 'new', createdAt: AT, endsAt: null, lastUsedAt: AT + 1 },
        { hint: key.hint, lastUsedAt: AT + MINUTE },
      ]);
      expect((await database.storage.keys.find(key.workspaceId, key.id))?.lastUsedAt).toBe(AT + MINUTE);
      const old = (from: number) => store().countOldSecret(key.workspaceId, key.id, from);
      expect([await old(AT), await old(AT + MINUTE), await old(AT + 2 * MINUTE)]).toEqual([5, 3, 0]);
      expect(await store().countOldSecret('ws_other', key.id, AT)).toBe(0);
      await store().purgeOldSecretUses(AT + MINUTE);
      expect(await old(AT)).toBe(3);
    });

    test('a use that is written after a rotation belongs to the secret that it used', async () => {
      await database.storage.transact(({ keys }) =>
        keys.replaceSecret(key.workspaceId, key.id, { ...aSecret('new'), createdAt: AT }, AT, AT + DAY),
      );
      await store().add([usage({ allowed: 1, lastUsedAt: AT - 5 })]);
      const secrets = await database.storage.keys.secrets(key.workspaceId, key.id, AT);
      expect(secrets.map(({ lastUsedAt }) => lastUsedAt)).toEqual([null, AT - 5]);
    });

    test('counts of many keys are added by key, by span and by code, only of the workspace and the owner', async () => {
      const other = await insertKey();
      const second = aKey(key.workspaceId, key.owner);
      await database.storage.keys.insert(second, aSecret('second'), HELD);
      const expired = (count: number) => new Map([['KEY_EXPIRED' as const, denials(count, AT + MINUTE)]]);
      await store().add([
        usage({ allowed: 2 }),
        usage({ minute: AT + MINUTE, allowed: 3, denied: expired(4) }),
        usage({ keyId: second.id, minute: AT + MINUTE, allowed: 8, denied: expired(5) }),
        usage({ keyId: other.id, minute: AT + MINUTE, allowed: 99, denied: expired(99) }),
      ]);
      const { workspaceId } = key;
      const since = (from: number) => ({ granularity: 'minute', from, until: AT + HOUR }) as const;
      const byKey = (from: number) => store().countByKey(workspaceId, [key.id, other.id], since(from));
      expect(await byKey(AT)).toHaveLength(2);
      expect(await byKey(AT)).toContainEqual({ keyId: key.id, code: 'VALID', count: 5 });
      expect(await byKey(AT + MINUTE)).toContainEqual({ keyId: key.id, code: 'VALID', count: 3 });
      expect(await byKey(AT + 2 * MINUTE)).toEqual([]);
      const all = await store().countAll({ workspaceId }, since(AT));
      expect(all).toHaveLength(3);
      expect(all).toContainEqual({ startsAt: AT + MINUTE, code: 'VALID', count: 11 });
      expect(all).toContainEqual({ startsAt: AT + MINUTE, code: 'KEY_EXPIRED', count: 9 });
      expect(await store().busiestKeys({ workspaceId }, since(AT), 9)).toEqual([second.id, key.id]);
      expect(await store().busiestKeys({ workspaceId }, since(AT), 1)).toEqual([second.id]);
      expect(await store().mostDenials({ workspaceId }, since(AT), 9)).toEqual([
        { keyId: second.id, code: 'KEY_EXPIRED', count: 5 },
        { keyId: key.id, code: 'KEY_EXPIRED', count: 4 },
      ]);
      const ownerId = 'usr_other';
      expect(await store().busiestKeys({ workspaceId, ownerId }, since(AT), 9)).toEqual([]);
    });

    test('adds to the count of the same key, minute and code', async () => {
      const denied = new Map<CountedDenialCode, Denials>([['KEY_DISABLED', denials(3, AT)]]);
      await store().add([usage({ allowed: 2, denied }), usage({ minute: AT + MINUTE, allowed: 1 })]);
      await store().add([usage({ allowed: 5, denied })]);
      expect(await counted('minute', AT, AT + HOUR)).toEqual([
        [0, 'KEY_DISABLED', 6],
        [0, 'VALID', 7],
        [MINUTE, 'VALID', 1],
      ]);
    });

    test('accepts more keys in one call than fit into one statement', async () => {
      const others = Array.from({ length: 700 }, (_, index) => usage({ keyId: `key_${index}`, allowed: 1 }));
      await store().add([...others, usage({ allowed: 9, lastUsedAt: AT })]);
      expect(await counted('minute', AT, AT + MINUTE)).toEqual([[0, 'VALID', 9]]);
    });

    test('returns only counts within the period, and adds up finer spans', async () => {
      await store().add([-MINUTE, 0, 59 * MINUTE, HOUR].map((at) => usage({ minute: AT + at, allowed: 1 })));
      expect(await counted('minute', AT, AT + HOUR)).toEqual([
        [0, 'VALID', 1],
        [59 * MINUTE, 'VALID', 1],
      ]);
      expect(await counted('hour', AT - HOUR, AT + HOUR)).toEqual([
        [-HOUR, 'VALID', 1],
        [0, 'VALID', 2],
      ]);
      expect(await counted('day', AT - (AT % DAY), AT + DAY)).toEqual([[-(AT % DAY), 'VALID', 4]]);
    });

    test('returns nothing about a key of another workspace', async () => {
      const denied = new Map<CountedDenialCode, Denials>([['KEY_DISABLED', denials(1, AT)]]);
      await store().add([usage({ allowed: 1, denied })]);
      expect(await store().count('ws_other', key.id, 'minute', AT, AT + MINUTE)).toEqual([]);
      expect(await store().refusals('ws_other', key.id)).toEqual([]);
    });

    test('lastUsedAt only moves forward, and unknown keys are ignored', async () => {
      const other = await insertKey();
      await store().add([
        usage({ lastUsedAt: AT + 10 }),
        usage({ keyId: 'key_unknown', lastUsedAt: AT }),
        usage({ keyId: other.id, lastUsedAt: AT + 20 }),
      ]);
      await store().add([usage({ lastUsedAt: AT + 5 }), usage({ keyId: other.id, allowed: 1 })]);
      await store().add([
        usage({ lastUsedAt: AT + 15 }),
        usage({ minute: AT - MINUTE, lastUsedAt: AT + 12 }),
      ]);
      const find = ({ workspaceId, id }: Key) => database.storage.keys.find(workspaceId, id);
      expect(await find(key)).toEqual({ ...key, lastUsedAt: AT + 15 });
      expect(await find(other)).toEqual({ ...other, lastUsedAt: AT + 20 });
    });

    test('concurrent changes and uses of a key do not overwrite each other', async () => {
      const { keys } = database.storage;
      const rounds = Array.from({ length: 50 }, (_, round) => round);
      const uses = rounds.map((round) => store().add([usage({ allowed: 1, lastUsedAt: AT + round + 1 })]));
      const disabled = keys.update({ ...key, isActive: false });
      await Promise.all([...uses, disabled, store().add([usage({ lastUsedAt: AT + 99 })])]);
      expect(await disabled).toBe(true);
      expect(await keys.find(key.workspaceId, key.id)).toEqual({
        ...key,
        isActive: false,
        version: 2,
        lastUsedAt: AT + 99,
      });
      expect(await counted('minute', AT, AT + MINUTE)).toEqual([[0, 'VALID', 50]]);
    });

    test('stores the first denial of each code in a minute, with its reason; returns the latest first', async () => {
      const limited = { step: 'day', missing: [], cost: 7 } as const;
      const deny = (minute: number, code: CountedDenialCode, first: Denials) =>
        store().add([usage({ minute: AT + minute, denied: new Map([[code, first]]) })]);
      await deny(0, 'PERMISSION_DENIED', denials(1, AT + 5));
      await deny(0, 'PERMISSION_DENIED', denials(1, AT + 9));
      await deny(0, 'RATE_LIMITED', denials(1, AT + 7, limited));
      await deny(MINUTE, 'PERMISSION_DENIED', denials(4, AT + MINUTE));
      expect(await store().refusals(key.workspaceId, key.id)).toEqual([
        { at: AT + MINUTE, code: 'PERMISSION_DENIED', ...REASON },
        { at: AT + 7, code: 'RATE_LIMITED', ...limited },
        { at: AT + 5, code: 'PERMISSION_DENIED', ...REASON },
      ]);
    });

    test('keeps a limited number of denials of each code, the latest ones, until they are purged', async () => {
      const codes = ['KEY_DISABLED', 'RATE_LIMITED'] as const;
      const minutes = Array.from({ length: 2 * REFUSALS_KEPT }, (_, index) => AT + index * MINUTE);
      for (const minute of minutes) {
        const denied = new Map(codes.slice(minute === AT ? 0 : 1).map((code) => [code, denials(1, minute)]));
        await store().add([usage({ minute, denied })]);
      }
      const times = async (code: CountedDenialCode) =>
        (await store().refusals(key.workspaceId, key.id))
          .filter((kept) => kept.code === code)
          .map(({ at }) => at);
      expect(await times('KEY_DISABLED')).toEqual([AT]);
      expect(await times('RATE_LIMITED')).toEqual(minutes.slice(REFUSALS_KEPT).reverse());
      await store().purgeRefusals(minutes.at(-1) ?? 0);
      expect(await times('RATE_LIMITED')).toEqual(minutes.slice(-1));
    });

    async function rollAllUp(fine: Granularity, coarse: Granularity, before: number): Promise<number> {
      let steps = 0;
      while (await store().rollUp(fine, coarse, before)) steps++;
      return steps;
    }

    test('a roll-up moves whole spans before the instant, and no count is lost or counted twice', async () => {
      const denied = new Map<CountedDenialCode, Denials>([['KEY_EXPIRED', denials(2, AT)]]);
      await store().add(
        [0, 1, 59, 60, 61].map((at) => usage({ minute: AT + at * MINUTE, allowed: 1, denied })),
      );
      const before = [await counted('hour', AT, AT + DAY), await counted('day', AT - (AT % DAY), AT + DAY)];
      expect(await rollAllUp('minute', 'hour', AT + HOUR)).toBe(1);
      expect(await counted('minute', AT, AT + DAY)).toEqual([
        [HOUR, 'KEY_EXPIRED', 2],
        [HOUR, 'VALID', 1],
        [HOUR + MINUTE, 'KEY_EXPIRED', 2],
        [HOUR + MINUTE, 'VALID', 1],
      ]);
      expect([await counted('hour', AT, AT + DAY), await counted('day', AT - (AT % DAY), AT + DAY)]).toEqual(
        before,
      );
      await rollAllUp('hour', 'day', AT - (AT % DAY) + DAY);
      expect(await counted('hour', AT, AT + DAY)).toEqual(before[0]?.slice(2));
      expect(await counted('day', AT - (AT % DAY), AT + DAY)).toEqual(before[1]);
    });

    test('late counts are added to spans that were rolled up before', async () => {
      for (const allowed of [3, 4]) {
        await store().add([usage({ allowed })]);
        await rollAllUp('minute', 'hour', AT + HOUR);
      }
      expect(await counted('hour', AT, AT + HOUR)).toEqual([[0, 'VALID', 7]]);
    });

    test('a roll-up works in steps, for any number of keys and spans', async () => {
      const many = Array.from({ length: 150 }, (_, index) => usage({ keyId: `key_${index}`, allowed: 1 }));
      const earlier = many.map((each) => ({ ...each, minute: AT - HOUR }));
      await store().add([...many, ...earlier, usage({ allowed: 1 })]);
      expect(await rollAllUp('minute', 'hour', AT + HOUR)).toBeGreaterThan(2);
      expect(await counted('minute', AT, AT + HOUR)).toEqual([]);
      expect(await counted('hour', AT, AT + HOUR)).toEqual([[0, 'VALID', 1]]);
    });
  });
}
