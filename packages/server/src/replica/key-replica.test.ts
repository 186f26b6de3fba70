import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Issued, openVerification, type Verification } from '../../test/harness/verification.ts';
import { generateKeyText } from '../domain/shared/tokens.ts';
import { KeyReplica } from './key-replica.ts';

const MEMORY_KEYS = 4;
/** The maximum of cached unknown texts, and of pending look-ups. */
const UNKNOWN_MAX = 10_000;
const LOOKUPS_MAX = 1_000;

let world: Verification;
let issued: Issued;

beforeEach(async () => {
  world = await openVerification(MEMORY_KEYS);
  issued = await world.issue();
});
afterEach(() => world.close());

const aStranger = () => generateKeyText('lk', 'live');

describe('KeyReplica', () => {
  test('a key is absent until it is loaded; the cached record then equals the stored one', async () => {
    const { replica, storage } = world;
    expect(replica.peek(issued.text)).toBe('not-cached');
    const record = await replica.load(issued.text);
    expect(record).toEqual(await storage.keys.findByDigest(world.keyring.digest(issued.text)));
    expect(replica.peek(issued.text)).toEqual(record);
  });

  test('a text that is not in the format of a key is unknown without a look-up', () => {
    for (const text of ['', 'lk_live_', `${aStranger()}0`, issued.text.slice(0, -1), 'x'.repeat(10_000)]) {
      expect(world.replica.peek(text)).toBe('no-such-key');
    }
    expect(world.lookup.lookups).toBe(0);
  });

  test('concurrent calls for one key share one look-up', async () => {
    const { replica, lookup } = world;
    const records = await Promise.all(Array.from({ length: 100 }, () => replica.load(issued.text)));
    expect(new Set(records).size).toBe(1);
    expect(lookup.lookups).toBe(1);
  });

  test('a look-up that began before a change is not shared after it, and its record is not cached', async () => {
    const { replica, lookup, storage } = world;
    lookup.isStalling = true;
    const early = replica.load(issued.text);
    await lookup.untilHeld(1);
    await storage.keys.update({ ...issued.key, isActive: false });
    const late = replica.load(issued.text);
    await lookup.untilHeld(2);
    lookup.release();
    expect((await early)?.key.isActive).toBe(true);
    expect(replica.peek(issued.text)).toBe('not-cached');
    lookup.releaseAll();
    expect((await late)?.key.isActive).toBe(false);
    expect(replica.peek(issued.text)).toMatchObject({ key: { isActive: false } });
  });

  test.each<[string, (ms: number) => void]>([
    ['monotonic', (ms) => world.clock.advance(ms)],
    ['wall', (ms) => world.clock.adjust(ms)],
  ])(
    'with several instances, a look-up that lasted as long as the lease by the %s clock fails, and is not cached',
    async (_, pass) => {
      const shared = { leaseMs: 1_000, isCurrent: () => true, catchUp: async () => {} };
      const { lookup, keyring, known, clock, storage } = world;
      const needs = { lookup, keyring, known, clock, feed: storage.feed, catalogue: storage.catalogue };
      const replica = new KeyReplica({ ...needs, shared }, MEMORY_KEYS);
      lookup.isStalling = true;
      for (const ms of [1_000, 999]) {
        const loaded = replica.load(issued.text).catch(({ code }) => code);
        await lookup.untilHeld(1);
        pass(ms);
        lookup.release();
        expect(await loaded).toEqual(
          ms === 1_000 ? 'UNAVAILABLE' : expect.objectContaining({ key: issued.key }),
        );
        expect(replica.peek(issued.text) === 'not-cached').toBe(ms === 1_000);
      }
    },
  );

  test('a slow look-up that began before a change does not overwrite the record that was loaded after it', async () => {
    const { replica, lookup, storage } = world;
    lookup.isStalling = true;
    const early = replica.load(issued.text);
    await lookup.untilHeld(1);
    await storage.keys.update({ ...issued.key, isActive: false });
    lookup.isStalling = false;
    await replica.load(issued.text);
    lookup.releaseAll();
    await early;
    expect(replica.peek(issued.text)).toMatchObject({ key: { isActive: false } });
  });

  test('the end of a look-up that began before a change does not remove the pending one that began after it', async () => {
    const { replica, lookup, storage } = world;
    lookup.isStalling = true;
    const early = replica.load(issued.text);
    await lookup.untilHeld(1);
    await storage.keys.update({ ...issued.key, name: 'after' });
    const late = replica.load(issued.text);
    await lookup.untilHeld(2);
    lookup.release();
    await early;
    const shared = replica.load(issued.text);
    lookup.releaseAll();
    expect(await shared).toBe(await late);
    expect(lookup.lookups).toBe(2);
  });

  test('a failed look-up fails for all calls that share it, and the next call looks up again', async () => {
    const { replica, lookup, storage } = world;
    await storage.close();
    await expect(replica.load(issued.text)).rejects.toThrow();
    await expect(replica.load(issued.text)).rejects.toThrow();
    expect(lookup.lookups).toBe(2);
    world = await openVerification();
  });

  test('unknown texts are cached up to a maximum and never evict a key', async () => {
    const { replica, lookup } = world;
    const keys = [issued, await world.issue(), await world.issue(), await world.issue()];
    for (const { text } of keys) await replica.load(text);
    const strangers = Array.from({ length: UNKNOWN_MAX + 1 }, aStranger);
    for (const text of strangers) expect(await replica.load(text)).toBeNull();
    const [first] = strangers;
    const before = lookup.lookups;
    expect(strangers.filter((text) => replica.peek(text) === 'not-cached')).toEqual([first]);
    expect(keys.filter(({ text }) => replica.peek(text) === 'not-cached')).toEqual([]);
    expect(lookup.lookups).toBe(before);
  });

  test('once all digests are read, an unknown text needs no look-up, and a new key is not taken for unknown', async () => {
    const { replica, lookup } = world;
    await world.known.read(new AbortController().signal);
    const strangers = Array.from({ length: 1_000 }, aStranger);
    const doubted = strangers.filter((text) => replica.peek(text) === 'not-cached');
    expect(doubted.length).toBeLessThan(strangers.length / 10);
    expect(replica.peek(issued.text)).toBe('not-cached');
    expect(replica.peek((await world.issue()).text)).toBe('not-cached');
    expect(lookup.lookups).toBe(0);
  });

  test('look-ups above the maximum fail with UNAVAILABLE; the pending ones complete, and later calls succeed', async () => {
    const { replica, lookup } = world;
    lookup.isStalling = true;
    const pending = Array.from({ length: LOOKUPS_MAX - 1 }, () => replica.load(aStranger()));
    pending.push(replica.load(issued.text));
    await expect(replica.load(aStranger())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    // After a change new calls share no older look-up, but those still count towards the maximum.
    world.storage.feed.publish([{ kind: 'key', keyId: issued.key.id }]);
    await expect(replica.load(aStranger())).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await lookup.untilHeld(LOOKUPS_MAX);
    lookup.isStalling = false;
    lookup.releaseAll();
    expect((await Promise.all(pending)).filter((record) => record !== null)).toHaveLength(1);
    expect(await replica.load(aStranger())).toBeNull();
  });

  test('a change of a key, its owner, role or workspace invalidates the cached records', async () => {
    const { replica, storage, workspace, owner } = world;
    const { id, workspaceId } = issued.key;
    const rotated = await world.rotate(issued.key, world.clock.now() + 1_000);
    const texts = [issued.text, rotated];
    const expectInvalidated = async (change: () => Promise<unknown>) => {
      for (const text of texts) await replica.load(text);
      expect(texts.map((text) => replica.peek(text) === 'not-cached')).toEqual([false, false]);
      await change();
      expect(texts.map((text) => replica.peek(text) === 'not-cached')).toEqual([true, true]);
    };
    const member = await storage.members.find(workspaceId, owner.id);
    const role = await storage.roles.findByName(workspaceId, 'Owner');
    if (!member || !role) throw new Error('The owner is a member');
    await expectInvalidated(() => world.rotate(issued.key, world.clock.now()));
    await expectInvalidated(async () => {
      const key = await storage.keys.find(workspaceId, id);
      if (key) await storage.keys.update({ ...key, name: 'after' });
    });
    await expectInvalidated(() =>
      storage.members.update({ ...member, userId: owner.id, status: 'suspended' }),
    );
    await expectInvalidated(() => storage.members.remove(workspaceId, owner.id));
    await expectInvalidated(() => storage.roles.update(role));
    await expectInvalidated(() => storage.workspaces.update(workspace));
  });
});
