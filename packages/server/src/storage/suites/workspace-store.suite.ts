import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AT, type OpenSuiteDatabase, type SuiteDatabase, seedWorkspace } from './suite-database.ts';

/** The contract of every WorkspaceStore. */
export function workspaceStoreSuite(open: OpenSuiteDatabase): void {
  describe('WorkspaceStore', () => {
    let database: SuiteDatabase;

    beforeEach(async () => {
      database = await open();
    });
    afterEach(() => database.close());

    const store = () => database.storage.workspaces;

    test('the first workspace is the oldest; null if there is none', async () => {
      expect(await store().first()).toBeNull();
      const { workspace } = await seedWorkspace(database);
      await seedWorkspace(database);
      expect(await store().first()).toEqual(workspace);
    });

    test('finds a workspace as it was inserted; null on a miss', async () => {
      const { workspace } = await seedWorkspace(database);
      expect(await store().find(workspace.id)).toEqual(workspace);
      expect(await store().find('ws_unknown')).toBeNull();
    });

    test('update writes the fields that can change, of one workspace only', async () => {
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
  });
}
