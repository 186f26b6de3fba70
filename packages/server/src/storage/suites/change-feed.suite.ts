import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Key } from '../../domain/keys/key.ts';
import type { Invalidation } from '../../domain/shared/change-feed.ts';
import { newId } from '../../domain/shared/id.ts';
import type { Person } from '../../domain/tenancy/member.ts';
import type { Workspace } from '../../domain/tenancy/workspace.ts';
import type { Stores } from '../stores-over.ts';
import {
  AT,
  aKey,
  aSecret,
  HELD,
  type OpenSuiteDatabase,
  type SuiteDatabase,
  seedMember,
  seedWorkspace,
} from './suite-database.ts';

/** The contract of every storage for its ChangeFeed. */
export function changeFeedSuite(open: OpenSuiteDatabase): void {
  describe('ChangeFeed', () => {
    let database: SuiteDatabase;
    let workspace: Workspace;
    let owner: Person;
    let other: Person;
    let key: Key;

    beforeEach(async () => {
      database = await open();
      ({ workspace, owner } = await seedWorkspace(database));
      other = await seedMember(database, workspace.id, 'Viewer');
      key = aKey(workspace.id, owner);
      await database.storage.keys.insert(key, aSecret('first'), HELD);
    });
    afterEach(() => database.close());

    const ofKey = (): Invalidation => ({ kind: 'key', keyId: key.id });
    const ofOther = (): Invalidation => ({ kind: 'member', workspaceId: workspace.id, userId: other.id });
    const ofWorkspace = (): Invalidation => ({ kind: 'workspace', workspaceId: workspace.id });
    const membership = (userId: string, roleId: string) => {
      const times = { createdAt: AT, updatedAt: AT };
      return { workspaceId: workspace.id, userId, roleId, status: 'suspended', ...times } as const;
    };
    const roleId = async ({ roles }: Pick<Stores, 'roles'>) =>
      (await roles.findByName(workspace.id, 'Viewer'))?.id ?? '';

    /** For each kind: a change, the event that it must publish, and a check that the database contains the change. */
    const CHANGES: Record<
      string,
      {
        make(
          stores: Pick<Stores, 'keys' | 'ownedKeys' | 'members' | 'roles' | 'workspaces'>,
        ): Promise<unknown>;
        heard(): Invalidation[];
        isDone(stores: Pick<Stores, 'members' | 'roles' | 'workspaces'>): Promise<boolean>;
      }
    > = {
      'a key that is made': {
        make: ({ keys }) => keys.insert(aKey(workspace.id, owner), aSecret('made'), HELD),
        heard: () => [{ kind: 'secret', digest: 'made' }],
        isDone: async () => (await database.storage.keys.findByDigest('made')) !== null,
      },
      'a key that is changed': {
        make: ({ keys }) => keys.update({ ...key, isActive: false }),
        heard: () => [ofKey()],
        isDone: async () => (await database.storage.keys.findByDigest('first'))?.key.isActive === false,
      },
      'a secret that is replaced': {
        make: ({ keys }) => keys.replaceSecret(workspace.id, key.id, aSecret('second'), AT, AT),
        heard: () => [{ kind: 'secret', digest: 'second' }, ofKey()],
        isDone: async () => (await database.storage.keys.findByDigest('second')) !== null,
      },
      'keys of a member that are revoked': {
        make: ({ ownedKeys }) => ownedKeys.revokeAllOf(workspace.id, owner.id, 'MEMBER_REMOVED', AT),
        heard: () => [ofKey()],
        isDone: async () => (await database.storage.keys.findByDigest('first'))?.key.revokedAt === AT,
      },
      'a member who comes': {
        async make(stores) {
          const person = { id: newId('usr'), email: 'new@example.com', displayName: 'New' };
          await stores.members.insertPerson(workspace.id, person, AT);
          await stores.members.insert(membership(person.id, await roleId(stores)));
        },
        heard: () => [expect.objectContaining({ kind: 'member', workspaceId: workspace.id })],
        isDone: async ({ members }) =>
          (await members.list(workspace.id, { limit: 9, after: null })).items.length === 3,
      },
      'a member who is changed': {
        make: async (stores) => stores.members.update(membership(other.id, await roleId(stores))),
        heard: () => [ofOther()],
        isDone: async ({ members }) => (await members.find(workspace.id, other.id))?.status === 'suspended',
      },
      'a member who goes': {
        make: ({ members }) => members.remove(workspace.id, other.id),
        heard: () => [ofOther()],
        isDone: async ({ members }) => (await members.find(workspace.id, other.id)) === null,
      },
      'a role that is changed': {
        async make({ roles }) {
          const role = await roles.findByName(workspace.id, 'Viewer');
          if (role) await roles.update({ ...role, permissions: [] });
        },
        heard: () => [ofWorkspace()],
        isDone: async ({ roles }) =>
          (await roles.findByName(workspace.id, 'Viewer'))?.permissions.length === 0,
      },
      'a workspace that is changed': {
        make: ({ workspaces }) => workspaces.update({ ...workspace, deletedAt: AT }),
        heard: () => [ofWorkspace()],
        isDone: async ({ workspaces }) => (await workspaces.find(workspace.id))?.deletedAt === AT,
      },
    };

    /** Starts to record events, and whether a read that begins at the event finds the change. */
    function listen(isDone: () => Promise<boolean>) {
      const heard: Invalidation[] = [];
      const looks: Promise<boolean>[] = [];
      database.storage.feed.subscribe((changes) => {
        heard.push(...changes);
        looks.push(isDone());
      });
      return { heard, looks };
    }

    describe.each(Object.keys(CHANGES))('publishes %s', (name) => {
      const { make, heard: expected, isDone } = CHANGES[name] ?? expect.unreachable();

      test('after the commit and before the acknowledgement', async () => {
        const { heard, looks } = listen(() => isDone(database.storage));
        let heardAtAcknowledgement = -1;
        await database.storage.transact(make).then(() => {
          heardAtAcknowledgement = heard.length;
        });
        expect(heard).toEqual(expected());
        expect(heardAtAcknowledgement).toBe(heard.length);
        expect(await Promise.all(looks)).toEqual(looks.map(() => true));
      });

      test('outside a transaction too', async () => {
        const { heard, looks } = listen(() => isDone(database.storage));
        await make(database.storage);
        expect(heard).toEqual(expected());
        expect((await Promise.all(looks)).at(-1)).toBe(true);
      });
    });

    test('publishes the change of each transaction that shares a commit before it is acknowledged', async () => {
      const heard = new Set<string>();
      database.storage.feed.subscribe((changes) => {
        for (const change of changes) if (change.kind === 'secret') heard.add(change.digest);
      });
      const digests = Array.from({ length: 100 }, (_, index) => `digest ${index}`);
      const late: string[] = [];
      await Promise.all(
        digests.map(async (digest) => {
          await database.storage.transact(({ keys }) =>
            keys.insert(aKey(workspace.id, owner), aSecret(digest), HELD),
          );
          if (!heard.has(digest)) late.push(digest);
        }),
      );
      expect(late).toEqual([]);
    });

    test('publishes every change that is committed, and possibly one that is rolled back', async () => {
      const { heard } = listen(async () => true);
      const failing = database.storage.transact(async ({ keys }) => {
        await keys.update({ ...key, name: 'failed' });
        throw new Error('fails');
      });
      const kept = database.storage.transact(({ keys }) => keys.update({ ...key, name: 'kept' }));
      await expect(failing).rejects.toThrow('fails');
      expect(await kept).toBe(true);
      expect(heard).toContainEqual(ofKey());
      expect((await database.storage.keys.find(workspace.id, key.id))?.name).toBe('kept');
    });
  });
}
