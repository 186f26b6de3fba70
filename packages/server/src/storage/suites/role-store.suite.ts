import { SYSTEM_ROLE_NAMES, SYSTEM_ROLES } from '@latchkey/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../domain/shared/id.ts';
import type { Role } from '../../domain/tenancy/role.ts';
import {
  AT,
  type OpenSuiteDatabase,
  type SuiteDatabase,
  seedMember,
  seedWorkspace,
} from './suite-database.ts';

/** The contract of every RoleStore. */
export function roleStoreSuite(open: OpenSuiteDatabase): void {
  describe('RoleStore', () => {
    let database: SuiteDatabase;
    let workspaceId: string;

    beforeEach(async () => {
      database = await open();
      workspaceId = (await seedWorkspace(database)).workspace.id;
    });
    afterEach(() => database.close());

    const store = () => database.storage.roles;

    async function insert(name: string, changes: Partial<Role> = {}): Promise<Role> {
      const times = { createdAt: AT, updatedAt: AT };
      const text = { id: newId('role'), workspaceId, name, description: null };
      const role: Role = { ...text, permissions: ['calls:read'], systemName: null, ...times, ...changes };
      await store().insert(role);
      return role;
    }

    test('finds a role as it was inserted, with its member count; null on a miss and in another workspace', async () => {
      const role = await insert('Straße', { description: 'd', permissions: [] });
      const foreign = await seedWorkspace(database);
      expect(await store().find(workspaceId, role.id)).toEqual({ ...role, memberCount: 0 });
      expect(await store().find(workspaceId, 'role_unknown')).toBeNull();
      expect(await store().find(foreign.workspace.id, role.id)).toBeNull();
    });

    test('finds by name, ignoring case, in its own workspace only', async () => {
      const role = await insert('Überblick');
      const foreign = await seedWorkspace(database);
      expect((await store().findByName(workspaceId, 'ÜBERBLICK'))?.id).toBe(role.id);
      expect(await store().findByName(foreign.workspace.id, 'Überblick')).toBeNull();
    });

    test('denies two roles with the same name in one workspace, but not in two', async () => {
      await insert('Support');
      await expect(insert('SUPPORT')).rejects.toThrow();
      const { workspace } = await seedWorkspace(database);
      await expect(insert('Support', { workspaceId: workspace.id })).resolves.toBeDefined();
    });

    test('lists system roles by strength with their sets, then the others by name', async () => {
      await insert('b');
      await insert('Ä');
      await insert('A');
      await seedMember(database, workspaceId, 'Viewer');
      const roles = await store().list(workspaceId);
      expect(roles.map(({ name }) => name)).toEqual([...SYSTEM_ROLE_NAMES, 'A', 'Ä', 'b']);
      expect(roles.map(({ memberCount }) => memberCount)).toEqual([1, 0, 0, 1, 0, 0, 0]);
      for (const name of SYSTEM_ROLE_NAMES)
        expect(roles.find(({ systemName }) => systemName === name)?.permissions).toEqual(
          SYSTEM_ROLES[name].permissions,
        );
    });

    test('update writes name, description, permissions and time, and nothing of another workspace', async () => {
      const role = await insert('before');
      const { workspace } = await seedWorkspace(database);
      const after: Role = { ...role, name: 'After', description: 'x', permissions: ['calls:write'] };
      await store().update({ ...after, workspaceId: workspace.id });
      expect((await store().find(workspaceId, role.id))?.name).toBe('before');
      await store().update({ ...after, updatedAt: AT + 1 });
      expect(await store().find(workspaceId, role.id)).toEqual({
        ...after,
        updatedAt: AT + 1,
        memberCount: 0,
      });
    });

    test('remove deletes an unused role of the workspace, and fails for one in use', async () => {
      const role = await insert('unused');
      await store().remove('ws_other', role.id);
      expect(await store().find(workspaceId, role.id)).not.toBeNull();
      await store().remove(workspaceId, role.id);
      expect(await store().find(workspaceId, role.id)).toBeNull();
      const owners = await store().findByName(workspaceId, 'owner');
      await expect(store().remove(workspaceId, owners?.id ?? '')).rejects.toThrow();
    });
  });
}
