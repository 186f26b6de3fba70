import { PERMISSIONS } from '@latchkey/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type OpenSuiteDatabase, type SuiteDatabase, seedWorkspace } from './suite-database.ts';

/** What every WorkspaceStore promises. */
export function workspaceStoreSuite(open: OpenSuiteDatabase): void {
  describe('WorkspaceStore', () => {
    let database: SuiteDatabase;

    beforeEach(async () => {
      database = await open();
    });
    afterEach(() => database.close());

    test('is founded from the first workspace on', async () => {
      expect(await database.storage.workspaces.isFounded()).toBe(false);
      await seedWorkspace(database);
      expect(await database.storage.workspaces.isFounded()).toBe(true);
    });

    test('finds a workspace as it was inserted; null on a miss', async () => {
      const { workspace } = await seedWorkspace(database);
      expect(await database.storage.workspaces.findWorkspace(workspace.id)).toEqual(workspace);
      expect(await database.storage.workspaces.findWorkspace('ws_unknown')).toBeNull();
    });

    test('finds a member with what the role lets them do', async () => {
      const { workspace, owner } = await seedWorkspace(database);
      const member = { ...owner, roleName: 'Owner', permissions: new Set(PERMISSIONS) };
      expect(await database.storage.workspaces.findMember(workspace.id, owner.id)).toEqual(member);
    });

    test('an unknown user and a member of another workspace are both null', async () => {
      const { workspace } = await seedWorkspace(database);
      const foreign = await seedWorkspace(database);
      expect(await database.storage.workspaces.findMember(workspace.id, 'usr_unknown')).toBeNull();
      expect(await database.storage.workspaces.findMember(workspace.id, foreign.owner.id)).toBeNull();
    });
  });
}
