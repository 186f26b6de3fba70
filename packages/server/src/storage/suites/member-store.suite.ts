import { PERMISSIONS, SYSTEM_ROLES } from '@latchkey/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../domain/shared/id.ts';
import type { Member, Person } from '../../domain/tenancy/member.ts';
import type { Workspace } from '../../domain/tenancy/workspace.ts';
import {
  AT,
  type OpenSuiteDatabase,
  type SuiteDatabase,
  seedAccount,
  seedMember,
  seedWorkspace,
} from './suite-database.ts';

const PAGE = { limit: 100, after: null };

/** The contract of every MemberStore. */
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

    test('finds a person of the workspace by address, ignoring case; two cannot have the same address', async () => {
      const { workspace: other } = await seedWorkspace(database);
      const person = { id: 'usr_1', email: 'Ada@Example.com', displayName: 'Ada' };
      await store().insertPerson(workspaceId, person, AT);
      expect(await store().findPerson(workspaceId, 'aDA@example.COM')).toEqual(person);
      expect(await store().findPerson(workspaceId, 'ada@example.org')).toBeNull();
      expect(await store().findPerson(other.id, person.email)).toBeNull();
      const twin = { ...person, id: 'usr_2', email: 'ada@example.com' };
      await expect(store().insertPerson(workspaceId, twin, AT)).rejects.toThrow();
      await store().insertPerson(other.id, twin, AT);
      await store().renamePerson(workspaceId, { id: 'usr_1', displayName: 'Countess' });
      expect(await store().findPerson(workspaceId, twin.email)).toEqual({
        ...person,
        displayName: 'Countess',
      });
      expect(await store().findPerson(other.id, twin.email)).toEqual(twin);
    });

    test('finds a member with role and permissions', async () => {
      const role = await database.storage.roles.findByName(workspaceId, 'owner');
      expect(await store().find(workspaceId, owner.id)).toEqual({
        ...owner,
        workspaceId,
        accountId: null,
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

    test('lists the members of the workspace by `createdAt`', async () => {
      const second = await seedMember(database, workspaceId, 'Viewer');
      await seedWorkspace(database);
      expect((await store().list(workspaceId, PAGE)).items.map(({ id }) => id)).toEqual([
        owner.id,
        second.id,
      ]);
    });

    test('lists the members of an account in all workspaces that are not deleted, in the order of the claims', async () => {
      const account = await seedAccount(database);
      const claimed = [];
      for (const claimedAt of [AT + 2, AT + 1, AT + 3]) {
        const { workspace, owner } = await seedWorkspace(database);
        await store().claim(workspace.id, owner.id, account, claimedAt);
        claimed.push(workspace);
      }
      const [second, first, deleted] = claimed as [Workspace, Workspace, Workspace];
      await database.storage.workspaces.update({ ...deleted, deletedAt: AT });
      const listed = await store().listOf(account);
      expect(listed.map((member) => member.workspaceId)).toEqual([first.id, second.id]);
      expect(listed.map((member) => member.accountId)).toEqual([account, account]);
      expect(await store().listOf('acc_unknown')).toEqual([]);
    });

    test('a claim applies in its workspace, until it is released', async () => {
      const account = await seedAccount(database);
      await store().claim('ws_other', owner.id, account, AT);
      expect((await found(owner.id)).accountId).toBeNull();
      await store().claim(workspaceId, owner.id, account, AT);
      expect((await found(owner.id)).accountId).toBe(account);
      await store().remove(workspaceId, owner.id);
      expect(await store().hasKnown(workspaceId, account)).toBe(true);
      expect(await store().hasKnown('ws_other', account)).toBe(false);
      await store().release(workspaceId, owner.id);
      expect(await store().hasKnown(workspaceId, account)).toBe(false);
    });

    test('a claim that was edited outside the service is ignored', async () => {
      const account = await seedAccount(database);
      const other = await seedAccount(database);
      await store().claim(workspaceId, owner.id, account, AT);
      await database.db.updateTable('users').set({ account_id: other }).execute();
      expect((await found(owner.id)).accountId).toBeNull();
      expect(await store().listOf(other)).toEqual([]);
    });

    test('lists members by address in all workspaces that are not deleted, the oldest first', async () => {
      const twins = [];
      for (const createdAt of [AT + 2, AT + 1, AT + 3]) {
        const { workspace } = await seedWorkspace(database);
        const role = await database.storage.roles.findByName(workspace.id, 'viewer');
        const person = { id: newId('usr'), email: owner.email.toUpperCase(), displayName: 'Twin' };
        await store().insertPerson(workspace.id, person, createdAt);
        const membership = { workspaceId: workspace.id, userId: person.id, roleId: role?.id ?? '' };
        await store().insert({ ...membership, status: 'suspended', createdAt, updatedAt: createdAt });
        twins.push(workspace);
      }
      const [second, first, deleted] = twins as [Workspace, Workspace, Workspace];
      await database.storage.workspaces.update({ ...deleted, deletedAt: AT });
      const listed = await store().listByAddress([owner.email, 'unknown@example.com']);
      expect(listed.map((member) => member.workspaceId)).toEqual([workspaceId, first.id, second.id]);
      expect(await store().listByAddress([])).toEqual([]);
    });

    test('update writes role, status and time, in this workspace only', async () => {
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
      expect(await store().findPerson(workspaceId, owner.email)).toEqual(owner);
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

    test('lists owners, the active ones first, and only those of the workspace', async () => {
      await seedWorkspace(database);
      await seedMember(database, workspaceId, 'Admin');
      const second = await seedMember(database, workspaceId, 'Owner');
      const ids = async () => (await store().listOwners(workspaceId)).map(({ id }) => id);
      expect(await ids()).toEqual([owner.id, second.id]);
      await store().update({ ...(await found(owner.id)), userId: owner.id, status: 'suspended' });
      expect(await ids()).toEqual([second.id, owner.id]);
    });

    test('the number of owners does not change until the transaction ends', async () => {
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
