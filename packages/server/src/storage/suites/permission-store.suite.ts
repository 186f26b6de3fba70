import { BUILT_IN_CATALOGUE, type Catalogue, catalogueOf, describePermission } from '@latchkey/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Key } from '../../domain/keys/key.ts';
import { newId } from '../../domain/shared/id.ts';
import type { Person } from '../../domain/tenancy/member.ts';
import type { Storage } from '../storage.ts';
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

const GONE = 'calls:write';
const WITHOUT = catalogueWith((names) => names.filter((name) => name !== GONE));
const BACK = catalogueWith((names) => [...names].reverse());

function catalogueWith(change: (names: readonly string[]) => readonly string[]): Catalogue {
  return catalogueOf(change(BUILT_IN_CATALOGUE.permissions).map(describePermission));
}

/** The contract of every PermissionStore, and of every store of sets after a change of the catalogue. */
export function permissionStoreSuite(open: OpenSuiteDatabase): void {
  describe('PermissionStore', () => {
    let database: SuiteDatabase;
    let workspaceId: string;
    let owner: Person;
    let digests = 0;

    beforeEach(async () => {
      database = await open();
      const seeded = await seedWorkspace(database);
      workspaceId = seeded.workspace.id;
      owner = seeded.owner;
    });
    afterEach(() => database.close());

    async function insertKey(storage: Storage, changes: Partial<Key> = {}): Promise<Key> {
      const key = aKey(workspaceId, owner, { permissions: ['calls:read', GONE], ...changes });
      await storage.keys.insert(key, aSecret(`digest-${digests++}`), HELD);
      return key;
    }

    async function insertRole(permissions: readonly string[], name = 'Own'): Promise<string> {
      const times = { createdAt: AT, updatedAt: AT };
      const text = { id: newId('role'), workspaceId, name, description: null };
      await database.storage.roles.insert({ ...text, permissions, systemName: null, ...times });
      return text.id;
    }

    /** The stores after the catalogue has lost the permission, and after it has it again. */
    async function loseAndRegain(): Promise<{ without: Storage; back: Storage }> {
      const without = await database.reopened(WITHOUT);
      await without.permissions.retire([GONE], AT);
      await without.permissions.renewSystemRoles(AT);
      const back = await database.reopened(BACK);
      await back.permissions.renewSystemRoles(AT);
      return { without, back };
    }

    test('lost returns permissions that are not in the catalogue, with the number of keys and custom roles that hold them', async () => {
      await insertKey(database.storage);
      await insertKey(database.storage, { isActive: false });
      await insertKey(database.storage, { revokedAt: AT });
      await insertKey(database.storage, { permissions: ['calls:read'] });
      await insertRole([GONE]);
      expect(await database.storage.permissions.lost()).toEqual([]);
      const without = await database.reopened(WITHOUT);
      expect(await without.permissions.lost()).toEqual([{ permission: GONE, keys: 2, roles: 1 }]);
      await without.permissions.retire([GONE], AT);
      expect(await without.permissions.lost()).toEqual([]);
    });

    test('a permission that is not in the catalogue is ignored in keys, roles and members, and seals stay valid', async () => {
      const roleId = await insertRole(['calls:read', GONE]);
      const { id } = await insertKey(database.storage);
      const { keys, roles, members, ownedKeys } = await database.reopened(WITHOUT);
      expect(await keys.find(workspaceId, id)).toMatchObject({ permissions: ['calls:read'], isIntact: true });
      expect((await roles.find(workspaceId, roleId))?.permissions).toEqual(['calls:read']);
      expect((await members.find(workspaceId, owner.id))?.permissions.has(GONE)).toBe(false);
      expect((await ownedKeys.calling(workspaceId, id, null))?.permissions).toEqual(new Set(['calls:read']));
      expect((await keys.ownerHoldings(workspaceId, id))?.holdsNow).not.toContain(GONE);
    });

    test('a retired permission stays retired in old sets when a catalogue has the name again', async () => {
      const roleId = await insertRole(['calls:read', GONE]);
      const old = await insertKey(database.storage);
      const { back } = await loseAndRegain();
      const fresh = await insertKey(back);
      expect((await back.keys.find(workspaceId, old.id))?.permissions).toEqual(['calls:read']);
      expect((await back.roles.find(workspaceId, roleId))?.permissions).toEqual(['calls:read']);
      expect((await back.keys.find(workspaceId, fresh.id))?.permissions).toEqual([GONE, 'calls:read']);
      expect((await back.members.find(workspaceId, owner.id))?.permissions.has(GONE)).toBe(true);
      const page = { sortBy: 'createdAt', sortOrder: 'asc', limit: 9, offset: 0, after: null } as const;
      const { items: keys } = await back.keys.list(workspaceId, { permission: GONE }, page, AT);
      expect(keys.map(({ id }) => id)).toEqual([fresh.id]);
    });

    test('a permission can be lost and come back several times', async () => {
      const first = await insertKey(database.storage);
      const { back } = await loseAndRegain();
      const second = await insertKey(back);
      const { back: again } = await loseAndRegain();
      const third = await insertKey(again);
      const held = async ({ id }: Key) =>
        (await again.keys.find(workspaceId, id))?.permissions.includes(GONE);
      expect([await held(first), await held(second), await held(third)]).toEqual([false, false, true]);
    });

    test('a key with a retired permission can be changed and stays intact', async () => {
      const { id } = await insertKey(database.storage);
      const { without, back } = await loseAndRegain();
      for (const storage of [without, back]) {
        const key = await storage.keys.find(workspaceId, id);
        if (!key) throw new Error('The key was just made');
        expect(
          await storage.keys.update({ ...key, rateLimit: { requestsPerMinute: 1, requestsPerDay: null } }),
        ).toBe(true);
        expect(await storage.keys.find(workspaceId, id)).toMatchObject({
          permissions: ['calls:read'],
          isIntact: true,
        });
      }
    });

    test('a retired permission does not make a key exceed its owner', async () => {
      const viewer = await seedMember(database, workspaceId, 'Viewer');
      await insertKey(database.storage, { owner: viewer });
      expect(await database.storage.ownedKeys.exceeding(workspaceId, { userId: viewer.id })).toHaveLength(1);
      const { without, back } = await loseAndRegain();
      for (const { ownedKeys } of [without, back])
        expect(await ownedKeys.exceeding(workspaceId, { userId: viewer.id })).toEqual([]);
    });

    test('renewSystemRoles updates the roles of every workspace, and returns each change once', async () => {
      const { workspace } = await seedWorkspace(database);
      expect(await database.storage.permissions.renewSystemRoles(AT)).toEqual([]);
      const { permissions, roles } = await database.reopened(WITHOUT);
      const ids = [workspaceId, workspace.id].sort();
      const renewed = await permissions.renewSystemRoles(AT + 1);
      expect(renewed.sort((a, b) => (a.workspaceId < b.workspaceId ? -1 : 1))).toEqual(
        ids.map((id) => ({ workspaceId: id, added: [], removed: [GONE] })),
      );
      expect(await permissions.renewSystemRoles(AT + 2)).toEqual([]);
      for (const id of ids)
        for (const { systemName, permissions: given } of await roles.list(id))
          if (systemName !== null) expect(given).toEqual(WITHOUT.systemRoles[systemName].permissions);
      const viewer = await roles.findByName(workspaceId, 'Viewer');
      expect(viewer?.updatedAt).toBe(AT);
    });

    test('another order of the same catalogue changes nothing, and makes no new sets', async () => {
      const count = async () =>
        (await database.db.selectFrom('permission_sets').select('id').execute()).length;
      const before = await count();
      const { permissions, roles } = await database.reopened(BACK);
      expect(await permissions.lost()).toEqual([]);
      expect(await permissions.renewSystemRoles(AT)).toEqual([]);
      const admin = await roles.findByName(workspaceId, 'Admin');
      expect(admin?.permissions).toEqual(BACK.systemRoles.Admin.permissions);
      if (admin) await roles.update(admin);
      expect(await count()).toBe(before);
    });
  });
}
