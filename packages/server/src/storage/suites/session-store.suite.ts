import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Session } from '../../domain/sessions/session.ts';
import { newId } from '../../domain/shared/id.ts';
import {
  AT,
  type OpenSuiteDatabase,
  type SuiteDatabase,
  seedMember,
  seedWorkspace,
} from './suite-database.ts';

const ISSUER = { userId: 'usr_1', keyId: 'key_1', secretDigest: 'secret_1' };

/** The contract of every SessionStore, and of OwnedSessions. */
export function sessionStoreSuite(open: OpenSuiteDatabase): void {
  describe('SessionStore', () => {
    let database: SuiteDatabase;
    let workspaceId: string;
    let userId: string;

    beforeEach(async () => {
      database = await open();
      const { workspace, owner } = await seedWorkspace(database);
      workspaceId = workspace.id;
      userId = owner.id;
    });
    afterEach(() => database.close());

    const store = () => database.storage.sessions;

    async function insert(digest: string, changes: Partial<Session> = {}): Promise<Session> {
      const session: Session = {
        id: newId('ses'),
        workspaceId,
        userId,
        accountId: null,
        issuer: null,
        createdAt: AT,
        lastSeenAt: AT,
        expiresAt: AT + 10,
        address: null,
        agent: null,
        ...changes,
      };
      await store().insert(session, digest);
      return session;
    }

    test('finds a session by its digest, in any workspace', async () => {
      const session = await insert('d', { issuer: ISSUER, address: '::1', agent: 'Browser' });
      expect(await store().findByDigest('d')).toEqual(session);
      expect(await store().findByDigest('D')).toBeNull();
    });

    test('lists the sessions of the user in the workspace, the newest first', async () => {
      const first = await insert('1');
      const second = await insert('2', { createdAt: AT + 1 });
      await insert('3', { userId: (await seedMember(database, workspaceId, 'Viewer')).id });
      await insert('4', { workspaceId: (await seedWorkspace(database)).workspace.id });
      expect(await store().list(workspaceId, userId)).toEqual([second, first]);
    });

    test('recordSeen only moves the time forward, and does not restore a session that has ended', async () => {
      const session = await insert('d');
      await store().recordSeen(session.id, AT + 5);
      await store().recordSeen(session.id, AT + 3);
      expect(await store().findByDigest('d')).toEqual({ ...session, lastSeenAt: AT + 5 });
      await store().remove(workspaceId, userId, session.id);
      await store().recordSeen(session.id, AT + 6);
      expect(await store().findByDigest('d')).toBeNull();
    });

    test('remove ends a session of this user in this workspace only, and returns whether it did', async () => {
      const session = await insert('d');
      expect(await store().remove('ws_other', userId, session.id)).toBe(false);
      expect(await store().remove(workspaceId, 'usr_other', session.id)).toBe(false);
      expect(await store().findByDigest('d')).toEqual(session);
      expect(await store().remove(workspaceId, userId, session.id)).toBe(true);
      expect(await store().remove(workspaceId, userId, session.id)).toBe(false);
      expect(await store().findByDigest('d')).toBeNull();
    });

    test('purge deletes expired and idle sessions, and returns their number', async () => {
      await insert('expired', { expiresAt: AT + 4, lastSeenAt: AT + 4 });
      await insert('idle', { lastSeenAt: AT + 1 });
      const kept = await insert('kept', { lastSeenAt: AT + 2 });
      expect(await store().purge(AT + 5, AT + 2)).toBe(2);
      expect(await store().list(workspaceId, userId)).toEqual([kept]);
    });

    test.each([
      ['user_id', 'usr_other'],
      ['workspace_id', 'ws_other'],
      ['expires_at', AT + 1_000],
      ['key_id', 'key_other'],
      ['issuer_id', 'usr_other'],
      ['secret_digest', 'other'],
      ['digest', 'mine'],
    ])('a session whose %s was edited from outside is not found', async (column, value) => {
      await insert('d');
      await database.db
        .updateTable('sessions')
        .set({ [column]: await existing(column, value) })
        .execute();
      expect(await store().findByDigest(column === 'digest' ? 'mine' : 'd')).toBeNull();
    });

    /** A value that is valid in the column: for a foreign key, the id of an existing row. */
    async function existing(column: string, value: string | number): Promise<string | number> {
      if (column === 'user_id') return (await seedMember(database, workspaceId, 'Viewer')).id;
      return column === 'workspace_id' ? (await seedWorkspace(database)).workspace.id : value;
    }
  });

  describe('OwnedSessions', () => {
    test('calling returns the expiry and the issuer of a session that has not ended', async () => {
      const database = await open();
      const { sessions } = database.storage;
      const { workspace, owner } = await seedWorkspace(database);
      const own = { workspaceId: workspace.id, userId: owner.id, createdAt: AT, expiresAt: AT + 9 };
      const accountId = null;
      const session = { ...own, lastSeenAt: AT, address: null, agent: null };
      await sessions.insert({ ...session, accountId, id: 'ses_1', issuer: null }, '1');
      await sessions.insert({ ...session, accountId, id: 'ses_2', issuer: ISSUER }, '2');
      const calling = (id: string) => sessions.calling(workspace.id, id);
      expect(await calling('ses_1')).toMatchObject({ issuer: null, expiresAt: AT + 9 });
      expect(await calling('ses_2')).toMatchObject({ issuer: ISSUER, expiresAt: AT + 9 });
      expect(await calling('ses_unknown')).toBeNull();
      expect(await sessions.calling('ws_other', 'ses_1')).toBeNull();
      await sessions.remove(workspace.id, owner.id, 'ses_1');
      expect(await calling('ses_1')).toBeNull();
      await database.db.updateTable('sessions').set({ key_id: null }).where('id', '=', 'ses_2').execute();
      expect(await calling('ses_2')).toBeNull();
      await database.close();
    });

    test('endAllOf ends the sessions and the open link of one user in one workspace', async () => {
      const database = await open();
      const { sessions, signInLinks } = database.storage;
      const { workspace, owner } = await seedWorkspace(database);
      const other = await seedMember(database, workspace.id, 'Viewer');
      for (const { id: userId } of [owner, other]) {
        const own = { workspaceId: workspace.id, userId, issuer: null, createdAt: AT, expiresAt: AT + 9 };
        const session = { ...own, lastSeenAt: AT, address: null, agent: null };
        await sessions.insert(
          { ...session, accountId: null, id: `ses of ${userId}` },
          `session of ${userId}`,
        );
        await signInLinks.put({ ...own, id: `link of ${userId}` }, `link of ${userId}`);
      }
      expect(await sessions.endAllOf('ws_other', owner.id, AT)).toEqual([]);
      expect(await sessions.endAllOf(workspace.id, owner.id, AT)).toEqual([
        { kind: 'session', id: `ses of ${owner.id}` },
        { kind: 'sign-in-link', id: `link of ${owner.id}` },
      ]);
      expect(await sessions.list(workspace.id, owner.id)).toEqual([]);
      expect(await signInLinks.take(`link of ${owner.id}`, AT)).toBeNull();
      expect(await sessions.list(workspace.id, other.id)).toHaveLength(1);
      expect(await signInLinks.take(`link of ${other.id}`, AT)).not.toBeNull();
      await database.close();
    });

    test('end ends sessions and links by their ids, in one workspace, and returns those that had not expired', async () => {
      const database = await open();
      const { sessions, signInLinks } = database.storage;
      const { workspace, owner } = await seedWorkspace(database);
      const own = { workspaceId: workspace.id, userId: owner.id, issuer: null, createdAt: AT };
      const session = { ...own, accountId: null, lastSeenAt: AT, address: null, agent: null };
      await sessions.insert({ ...session, id: 'ses_1', expiresAt: AT + 1 }, '1');
      await sessions.insert({ ...session, id: 'ses_2', expiresAt: AT }, '2');
      await sessions.insert({ ...session, id: 'ses_3', expiresAt: AT + 1 }, '3');
      await signInLinks.put({ ...own, id: 'link_1', expiresAt: AT + 1 }, '4');
      const ids = ['ses_1', 'ses_2', 'link_1', 'ses_unknown'];
      expect(await sessions.end('ws_other', ids, AT)).toEqual([]);
      expect(await sessions.end(workspace.id, ids, AT)).toEqual([
        { kind: 'session', id: 'ses_1' },
        { kind: 'sign-in-link', id: 'link_1' },
      ]);
      expect((await sessions.list(workspace.id, owner.id)).map(({ id }) => id)).toEqual(['ses_3']);
      await database.close();
    });

    test('older rows without an issuer keep their seal: the key is that of the user', async () => {
      const database = await open();
      const { sessions } = database.storage;
      const { workspace, owner } = await seedWorkspace(database);
      const own = {
        workspaceId: workspace.id,
        userId: owner.id,
        createdAt: AT,
        lastSeenAt: AT,
        expiresAt: AT + 9,
      };
      const fields = ['ses_1', workspace.id, owner.id, 'key_1', 'd', AT, AT + 9];
      await sessions.insert(
        { ...own, id: 'ses_1', accountId: null, issuer: null, address: null, agent: null },
        'd',
      );
      const seal = database.keyring.sealRow('session', fields);
      await database.db.updateTable('sessions').set({ key_id: 'key_1', seal }).execute();
      const issuer = { userId: owner.id, keyId: 'key_1', secretDigest: null };
      expect(await sessions.findByDigest('d')).toMatchObject({ issuer });
      await database.close();
    });
  });
}
