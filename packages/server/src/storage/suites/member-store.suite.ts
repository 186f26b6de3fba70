import { PERMISSIONS, SYSTEM_ROLES } from '@latchkey/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Member, Person } from '../../domain/workspaces/member.ts';
import type { Workspace } from '../../domain/workspaces/workspace.ts';
import {
  AT,
  type OpenSuiteDatabase,
  type SuiteDatabase,
  seedMember,
  seedWorkspace,
} from './suite-database.ts';

/** What every MemberStore promises. */
export function memberStoreSuite(open: OpenSuiteDatabase): void {
  describe('MemberStore', () => {
    let database: SuiteDatabase;
    let workspaceId: string;
    let owner: Person;

    beforeEach(async () => {
      database = await open();
      const seeded = await seedWorkspace(database);
      workspaceId = seeded.workspace.id;
      owner = seeded.owner;
    });
    afterEach(() => database.close());

    const store = () => database.storage.members;

    async function found(userId: string): Promise<Member> {
      const member = await store().find(workspaceId, userId);
      if (!member) throw new Error('No such member');
      return member;
    }

    test('finds a person by address without regard to case; two cannot have the same', async () => {
      const person = { id: 'usr_1', email: 'Ada@Example.com', displayName: 'Ada' };
      await store().insertPerson(person, AT);
      expect(await store().findPerson('aDA@example.COM')).toEqual(person);
      expect(await store().findPerson('ada@example.org')).toBeNull();
      const twin = { ...person, id: 'usr_2', email: 'ada@example.com' };
      await expect(store().insertPerson(twin, AT)).rejects.toThrow();
    });

    test('finds a member with role and what it gives', async () => {
      const role = await database.storage.roles.findByName(workspaceId, 'owner');
      expect(await store().find(workspaceId, owner.id)).toEqual({
        ...owner,
        workspaceId,
        roleId: role?.id,
        roleName: 'Owner',
        isOwner: true,
        permissions: new Set(PERMISSIONS),
        status: 'active',
        createdAt: AT,
        updatedAt: AT,
      });
    });

    test('an unknown user and a member of another workspace are both null', async () => {
      const foreign = await seedWorkspace(database);
      expect(await store().find(workspaceId, 'usr_unknown')).toBeNull();
      expect(await store().find(workspaceId, foreign.owner.id)).toBeNull();
    });

    test('lists the members of the workspace in the order in which they came', async () => {
      const second = await seedMember(database, workspaceId, 'Viewer');
      await seedWorkspace(database);
      expect((await store().list(workspaceId)).map(({ id }) => id)).toEqual([owner.id, second.id]);
    });

    test('lists the memberships of a person in all workspaces but deleted ones, the oldest first', async () => {
      const joined = [];
      for (const createdAt of [AT + 2, AT + 1, AT + 3]) {
        const { workspace } = await seedWorkspace(database);
        const role = await database.storage.roles.findByName(workspace.id, 'viewer');
        const membership = { workspaceId: workspace.id, userId: owner.id, roleId: role?.id ?? '' };
        await store().insert({ ...membership, status: 'suspended', createdAt, updatedAt: createdAt });
        joined.push(workspace);
      }
      const [second, first, deleted] = joined as [Workspace, Workspace, Workspace];
      await database.storage.workspaces.update({ ...deleted, deletedAt: AT });
      const listed = await store().listOf(owner.id);
      expect(listed.map((member) => member.workspaceId)).toEqual([workspaceId, first.id, second.id]);
      expect(listed).toEqual(
        await Promise.all(listed.map((member) => store().find(member.workspaceId, owner.id))),
      );
      expect(await store().listOf('usr_unknown')).toEqual([]);
    });

    test('update writes role, status and time, here and nowhere else', async () => {
      const { workspace: other } = await seedWorkspace(database);
      const viewer = await database.storage.roles.findByName(workspaceId, 'viewer');
      const change = { roleId: viewer?.id ?? '', status: 'suspended', updatedAt: AT + 1 } as const;
      const membership = { ...(await found(owner.id)), userId: owner.id, ...change };
      await store().update({ ...membership, workspaceId: other.id });
      expect((await found(owner.id)).isOwner).toBe(true);
      await store().update(membership);
      expect(await found(owner.id)).toMatchObject({
        ...change,
        isOwner: false,
        permissions: new Set(SYSTEM_ROLES.Viewer.permissions),
      });
    });

    test('remove ends the membership in this workspace and keeps the person', async () => {
      await store().remove('ws_other', owner.id);
      expect(await store().find(workspaceId, owner.id)).not.toBeNull();
      await store().remove(workspaceId, owner.id);
      expect(await store().find(workspaceId, owner.id)).toBeNull();
      expect(await store().findPerson(owner.email)).toEqual(owner);
    });

    test('counts active owners of the workspace only', async () => {
      await seedWorkspace(database);
      await seedMember(database, workspaceId, 'Admin');
      expect(await store().countActiveOwners(workspaceId)).toBe(1);
      const second = await seedMember(database, workspaceId, 'Owner');
      expect(await store().countActiveOwners(workspaceId)).toBe(2);
      await store().update({ ...(await found(second.id)), userId: second.id, status: 'suspended' });
      expect(await store().countActiveOwners(workspaceId)).toBe(1);
    });

    test('a count of owners holds until its transaction ends', async () => {
      const second = await seedMember(database, workspaceId, 'Owner');
      const leave = (userId: string) =>
        database.storage.transact(async ({ members }) => {
          if ((await members.countActiveOwners(workspaceId)) > 1) await members.remove(workspaceId, userId);
        });
      await Promise.all([leave(owner.id), leave(second.id)]);
      expect(await store().countActiveOwners(workspaceId)).toBe(1);
    });
  });
}
