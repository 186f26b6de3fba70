import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openWorkspace } from '../../domain/workspaces/open-workspace.ts';
import { AT, type OpenSuiteDatabase, type SuiteDatabase, seedWorkspace } from './suite-database.ts';

/** What every WorkspaceStore promises. */
export function workspaceStoreSuite(open: OpenSuiteDatabase): void {
  describe('WorkspaceStore', () => {
    let database: SuiteDatabase;

    beforeEach(async () => {
      database = await open();
    });
    afterEach(() => database.close());

    const store = () => database.storage.workspaces;

    test('is founded from the first workspace on', async () => {
      expect(await store().isFounded()).toBe(false);
      await seedWorkspace(database);
      expect(await store().isFounded()).toBe(true);
    });

    test('finds a workspace as it was inserted; null on a miss', async () => {
      const { workspace } = await seedWorkspace(database);
      expect(await store().find(workspace.id)).toEqual(workspace);
      expect(await store().find('ws_unknown')).toBeNull();
    });

    test('update writes what may change, and only of the one workspace', async () => {
      const { workspace } = await seedWorkspace(database);
      const { workspace: other } = await seedWorkspace(database);
      const changes = {
        name: 'New',
        permissionMode: 'capped',
        updatedAt: AT + 1,
        suspendedAt: 2,
        deletedAt: 3,
      };
      const after = { ...workspace, ...changes, permissionMode: 'capped' } as const;
      await store().update({ ...after, keyPrefix: 'x' });
      expect(await store().find(workspace.id)).toEqual(after);
      expect(await store().find(other.id)).toEqual(other);
    });

    test('lists those in which somebody is active and which are not deleted, the oldest first', async () => {
      const { workspace, owner } = await seedWorkspace(database);
      const open = (name: string, at: number) =>
        database.storage.transact((stores) =>
          openWorkspace(
            { ...stores, catalogue: database.storage.catalogue },
            { name, ownerId: owner.id },
            at,
          ),
        );
      const first = await open('first', AT - 1);
      const deleted = await open('deleted', AT + 1);
      const suspended = await open('suspended there', AT + 2);
      await store().update({ ...deleted, deletedAt: AT });
      const member = await database.storage.members.find(suspended.id, owner.id);
      if (member) await database.storage.members.update({ ...member, userId: owner.id, status: 'suspended' });
      expect((await store().listOf(owner.id)).map(({ id }) => id)).toEqual([first.id, workspace.id]);
    });
  });
}
