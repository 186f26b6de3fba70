import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Stores } from '../stores-over.ts';
import {
  aKey,
  aSecret,
  HELD,
  type OpenSuiteDatabase,
  type SuiteDatabase,
  seedWorkspace,
} from './suite-database.ts';

/** The contract of every UnitOfWork over the stores. */
export function unitOfWorkSuite(open: OpenSuiteDatabase): void {
  describe('UnitOfWork', () => {
    let database: SuiteDatabase;

    beforeEach(async () => {
      database = await open();
    });
    afterEach(() => database.close());

    test('commits all changes of work that resolves, and returns its result', async () => {
      const { workspace, owner } = await seedWorkspace(database);
      const key = aKey(workspace.id, owner);
      const result = await database.storage.transact(async ({ keys }) => {
        await keys.insert(key, aSecret('a'), HELD);
        return 'done';
      });
      expect(result).toBe('done');
      expect(await database.storage.keys.find(workspace.id, key.id)).toEqual(key);
    });

    test('rolls back all changes of work that rejects, and rejects with its error', async () => {
      const { workspace, owner } = await seedWorkspace(database);
      const key = aKey(workspace.id, owner);
      const work = database.storage.transact(async ({ keys }) => {
        await keys.insert(key, aSecret('a'), HELD);
        throw new Error('fails');
      });
      await expect(work).rejects.toThrow('fails');
      expect(await database.storage.keys.find(workspace.id, key.id)).toBeNull();
      expect(await database.storage.keys.findByDigest('a')).toBeNull();
    });

    test('a permission set that was rolled back is stored by the next work that needs it', async () => {
      const { workspace, owner } = await seedWorkspace(database);
      const permissions = ['calls:read', 'calls:write'] as const;
      const key = aKey(workspace.id, owner, { permissions: [...permissions] });
      const insert = (end: () => void) =>
        database.storage.transact(async ({ keys }) => {
          await keys.insert(key, aSecret('a'), new Set(permissions));
          end();
        });
      await Promise.allSettled([
        insert(() => {
          throw new Error('fails');
        }),
        insert(() => {}),
      ]);
      expect(await database.storage.keys.find(workspace.id, key.id)).toEqual(key);
    });

    test('a rehearsal stores nothing; its parts read what earlier parts wrote, and one that rejects leaves nothing', async () => {
      const { workspace, owner } = await seedWorkspace(database);
      const [first, second] = [aKey(workspace.id, owner), aKey(workspace.id, owner)];
      const outcome = await database.storage.rehearse(async ({ transact }) => {
        await transact(({ keys }) => keys.insert(first, aSecret('a'), HELD));
        const failing = transact(async ({ keys }) => {
          await keys.insert(second, aSecret('b'), HELD);
          throw new Error('fails');
        });
        await expect(failing).rejects.toThrow('fails');
        return transact(({ keys }) =>
          Promise.all([first, second].map(({ id }) => keys.find(workspace.id, id))),
        );
      });
      expect(outcome).toEqual([first, null]);
      expect(await database.storage.keys.find(workspace.id, first.id)).toBeNull();
      const rejected = database.storage.rehearse(async () => {
        throw new Error('no outcome');
      });
      await expect(rejected).rejects.toThrow('no outcome');
    });

    test('of many concurrent units of work, each is rolled back separately', async () => {
      const { workspace, owner } = await seedWorkspace(database);
      const keys = Array.from({ length: 150 }, () => aKey(workspace.id, owner));
      const outcomes = await Promise.allSettled(
        keys.map((key, index) =>
          database.storage.transact(async (stores) => {
            await stores.keys.insert(key, aSecret(key.id), HELD);
            if (index % 3 === 0) throw new Error(`no ${index}`);
            return index;
          }),
        ),
      );
      expect(
        outcomes.map((outcome) => ('value' in outcome ? outcome.value : outcome.reason.message)),
      ).toEqual(keys.map((_, index) => (index % 3 === 0 ? `no ${index}` : index)));
      const found = await Promise.all(keys.map(({ id }) => database.storage.keys.find(workspace.id, id)));
      expect(found).toEqual(keys.map((key, index) => (index % 3 === 0 ? null : key)));
    });

    test('a statement that fails rolls back the work of its caller only', async () => {
      const { workspace, owner } = await seedWorkspace(database);
      const keys = ['a', 'b', 'a', 'c'].map((digest) => ({ digest, key: aKey(workspace.id, owner) }));
      const outcomes = await Promise.allSettled(
        keys.map(({ digest, key }) =>
          database.storage.transact((stores) => stores.keys.insert(key, aSecret(digest), HELD)),
        ),
      );
      const stored = outcomes.map(({ status }) => status === 'fulfilled');
      const [first, , second] = stored;
      expect(first).not.toBe(second);
      expect(stored).toEqual([first, true, second, true]);
      const found = await Promise.all(
        keys.map(({ key }) => database.storage.keys.find(workspace.id, key.id)),
      );
      expect(found.map((key) => key !== null)).toEqual(stored);
    });

    test('concurrent units of work load their callers as the units before them left these', async () => {
      const { workspace, owner } = await seedWorkspace(database);
      const key = aKey(workspace.id, owner);
      const { storage } = database;
      await storage.keys.insert(key, aSecret('a'), HELD);
      /** What the callers are in the order in which the units ran: each begins with the lock of the chain. */
      let now = { isActive: true, status: 'active', suspendedAt: null as number | null };
      const unit = (work: (stores: Stores) => Promise<void>) =>
        storage.transact(async (stores) => {
          await stores.audit.head(workspace.id);
          await work(stores);
        });
      const found: unknown[] = [];
      const expected: unknown[] = [];
      const look = () =>
        unit(async ({ callers }) => {
          const {
            credential,
            member,
            workspace: loaded,
          } = await callers.load(workspace.id, owner.id, {
            keyId: key.id,
          });
          const isActive = credential?.kind === 'key' && credential.key.isActive;
          found.push({ isActive, status: member?.status, suspendedAt: loaded?.suspendedAt });
          expected.push(now);
        });
      const disable = unit(async ({ keys }) => {
        now = { ...now, isActive: false };
        await keys.update({ ...key, isActive: false });
      });
      const looks = [look(), look()];
      const suspend = unit(async ({ members }) => {
        now = { ...now, status: 'suspended' };
        const member = await members.find(workspace.id, owner.id);
        if (member) await members.update({ ...member, userId: owner.id, status: 'suspended' });
      });
      looks.push(look());
      const close = unit(async ({ workspaces }) => {
        now = { ...now, suspendedAt: 7 };
        await workspaces.update({ ...workspace, suspendedAt: 7 });
      });
      looks.push(look());
      await Promise.all([disable, suspend, close, ...looks]);
      await look();
      expect(found).toEqual(expected);
      expect(found.at(-1)).toEqual({ isActive: false, status: 'suspended', suspendedAt: 7 });
    });

    test('work beyond the queue limit is denied at once, and queued work is not', async () => {
      const asked = Array.from({ length: 1_500 }, () => database.storage.transact(async () => 'done'));
      const outcomes = await Promise.allSettled(asked);
      const denied = outcomes.filter((outcome) => outcome.status === 'rejected');
      expect(denied.length).toBeGreaterThan(0);
      expect(denied.map(({ reason }) => reason.code)).toEqual(denied.map(() => 'UNAVAILABLE'));
      expect(outcomes.slice(0, 1_000).every(({ status }) => status === 'fulfilled')).toBe(true);
      await expect(database.storage.transact(async () => 'done')).resolves.toBe('done');
    });

    test('concurrent units of work do not see uncommitted changes of each other', async () => {
      const { workspace, owner } = await seedWorkspace(database);
      const key = aKey(workspace.id, owner, { name: '' });
      await database.storage.keys.insert(key, aSecret('a'), HELD);
      const append = (letter: string) =>
        database.storage.transact(async ({ audit, keys }) => {
          await audit.head(workspace.id);
          const found = await keys.find(workspace.id, key.id);
          return found !== null && (await keys.update({ ...found, name: found.name + letter }));
        });
      const outcomes = await Promise.all([...'abcdefgh'].map(append));
      const name = (await database.storage.keys.find(workspace.id, key.id))?.name ?? '';
      expect(name).toHaveLength(outcomes.filter(Boolean).length);
    });
  });
}
