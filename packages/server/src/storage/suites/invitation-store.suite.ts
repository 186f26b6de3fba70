import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newId } from '../../domain/shared/id.ts';
import type { Invitation } from '../../domain/tenancy/invitation.ts';
import type { Person } from '../../domain/tenancy/member.ts';
import { AT, type OpenSuiteDatabase, type SuiteDatabase, seedWorkspace } from './suite-database.ts';

const PAGE = { limit: 100, after: null };

/** The contract of every InvitationStore. */
export function invitationStoreSuite(open: OpenSuiteDatabase): void {
  describe('InvitationStore', () => {
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

    const store = () => database.storage.invitations;

    async function insert(digest: string, changes: Partial<Invitation> = {}): Promise<Invitation> {
      const invitation: Invitation = {
        id: newId('inv'),
        workspaceId,
        inviter: owner,
        inviterKeyId: null,
        inviterSecretDigest: null,
        email: 'Ada@example.com',
        roleId: 'role_1',
        roleName: 'Support',
        message: null,
        createdAt: AT,
        updatedAt: AT,
        expiresAt: AT + 1,
        acceptedAt: null,
        revokedAt: null,
        ...changes,
      };
      await store().insert(invitation, { shown: digest, mailed: `mailed ${digest}` });
      return invitation;
    }

    test('finds an invitation by id in its workspace and by digest in any workspace', async () => {
      const invitation = await insert('d', {
        message: 'Hello',
        inviterKeyId: 'key_1',
        inviterSecretDigest: 'secret_1',
      });
      expect(await store().find(workspaceId, invitation.id)).toEqual(invitation);
      expect(await store().find('ws_other', invitation.id)).toBeNull();
      expect(await store().findByDigest('d')).toEqual({ invitation, isMailed: false });
      expect(await store().findByDigest('mailed d')).toEqual({ invitation, isMailed: true });
      expect(await store().findByDigest('D')).toBeNull();
    });

    test('lists those of the workspace, the newest first', async () => {
      const first = await insert('1');
      const second = await insert('2', { createdAt: AT + 1 });
      const { workspace } = await seedWorkspace(database);
      await insert('3', { workspaceId: workspace.id });
      expect((await store().list(workspaceId, PAGE)).items.map(({ id }) => id)).toEqual([
        second.id,
        first.id,
      ]);
    });

    test('countOpen counts those of the workspace that can still be accepted', async () => {
      const { workspace } = await seedWorkspace(database);
      await insert('open');
      await insert('also open', { email: 'bob@example.com' });
      await insert('expired', { expiresAt: AT });
      await insert('accepted', { acceptedAt: 1 });
      await insert('revoked', { revokedAt: 1 });
      await insert('elsewhere', { workspaceId: workspace.id });
      expect(await store().countOpen(workspaceId, AT)).toBe(2);
    });

    test('update writes acceptance, revocation and time, in its own workspace only', async () => {
      const invitation = await insert('d');
      const change = { acceptedAt: 2, revokedAt: 3, updatedAt: 4 };
      await store().update({ ...invitation, ...change, workspaceId: 'ws_other' });
      expect(await store().find(workspaceId, invitation.id)).toEqual(invitation);
      await store().update({ ...invitation, ...change, email: 'x' });
      expect(await store().find(workspaceId, invitation.id)).toEqual({ ...invitation, ...change });
    });

    test('lists the open invitations into a role of the workspace', async () => {
      const { workspace } = await seedWorkspace(database);
      const open = await insert('open');
      await insert('accepted', { acceptedAt: 1 });
      await insert('revoked', { revokedAt: 1 });
      await insert('other role', { roleId: 'role_2' });
      await insert('elsewhere', { workspaceId: workspace.id });
      expect(await store().listOpenInto(workspaceId, 'role_1')).toEqual([open]);
    });

    test('listOpen returns the open invitations to the address, ignoring case', async () => {
      const { workspace } = await seedWorkspace(database);
      const open = await insert('open');
      await insert('accepted', { acceptedAt: 1 });
      await insert('revoked', { revokedAt: 1 });
      await insert('other address', { email: 'bob@example.com' });
      await insert('elsewhere', { workspaceId: workspace.id });
      expect(await store().listOpen(workspaceId, 'aDA@EXAMPLE.com')).toEqual([open]);
    });

    test.each([
      ['role_id', 'role_2'],
      ['inviter_key_id', 'key_2'],
      ['inviter_secret_digest', 'secret_2'],
      ['email_folded', 'eve@example.com'],
      ['expires_at', AT + 1_000],
      ['revoked_at', null],
      ['digest', 'mine'],
    ])(
      'an invitation whose %s was edited from outside is found by no token, and can be revoked',
      async (column, value) => {
        const invitation = await insert('d', { revokedAt: column === 'revoked_at' ? AT : null });
        await database.db
          .updateTable('invitations')
          .set({ [column]: value })
          .execute();
        const found = () => store().findByDigest(column === 'digest' ? 'mine' : 'd');
        expect(await found()).toBeNull();
        await store().update({ ...invitation, revokedAt: AT + 1 });
        expect(await found()).toBeNull();
        expect(await store().find(workspaceId, invitation.id)).toMatchObject({ revokedAt: AT + 1 });
      },
    );
  });
}
