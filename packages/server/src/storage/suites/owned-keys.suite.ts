import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Key } from '../../domain/keys/key.ts';
import type { Person } from '../../domain/tenancy/member.ts';
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

/** The contract of every OwnedKeys. */
export function ownedKeysSuite(open: OpenSuiteDatabase): void {
  describe('OwnedKeys', () => {
    let database: SuiteDatabase;
    let workspaceId: string;
    let viewer: Person;
    let digests = 0;

    beforeEach(async () => {
      database = await open();
      workspaceId = (await seedWorkspace(database)).workspace.id;
      viewer = await seedMember(database, workspaceId, 'Viewer');
    });
    afterEach(() => database.close());

    const port = () => database.storage.ownedKeys;
    const find = (key: Key) => database.storage.keys.find(key.workspaceId, key.id);

    async function insert(changes: Partial<Key> = {}): Promise<Key> {
      const key = aKey(workspaceId, viewer, changes);
      await database.storage.keys.insert(key, aSecret(`digest-${digests++}`), HELD);
      return key;
    }

    test('calling returns the permissions, bounds and lifetime of an intact key of the workspace', async () => {
      const expiresAt = AT + 1;
      const rateLimit = { requestsPerMinute: 1, requestsPerDay: null };
      const key = await insert({ permissions: ['calls:read'], isActive: false, expiresAt, rateLimit });
      const dead = await insert({ revokedAt: AT });
      const altered = await insert();
      await database.db.updateTable('api_keys').set({ expires_at: 1 }).where('id', '=', altered.id).execute();
      expect(await port().calling(workspaceId, key.id, null)).toEqual({
        permissions: new Set(['calls:read']),
        bounds: { expiresAt, rateLimit },
        revokedAt: null,
        isActive: false,
        expiresAt,
        retiresAt: null,
        ownerId: viewer.id,
      });
      expect(await port().calling(workspaceId, dead.id, null)).toMatchObject({ revokedAt: AT });
      for (const id of [altered.id, 'key_unknown'])
        expect(await port().calling(workspaceId, id, null)).toBeNull();
      expect(await port().calling('ws_other', key.id, null)).toBeNull();
    });

    test('calling with a secret returns when it retires; null for the secret of another key and an altered one', async () => {
      const [key, other] = [await insert(), await insert()];
      const secretOf = async ({ id }: Key) => {
        const rows = database.db.selectFrom('api_key_secrets').select('digest').where('key_id', '=', id);
        return (await rows.executeTakeFirstOrThrow()).digest;
      };
      const digest = await secretOf(key);
      expect(await port().calling(workspaceId, key.id, digest)).toMatchObject({ retiresAt: null });
      expect(await port().calling(workspaceId, key.id, await secretOf(other))).toBeNull();
      expect(await port().calling(workspaceId, key.id, 'unknown')).toBeNull();
      await port().retireSecrets(workspaceId, [digest], AT + 5);
      await port().retireSecrets(workspaceId, [digest], AT + 9);
      expect(await port().calling(workspaceId, key.id, digest)).toMatchObject({ retiresAt: AT + 5 });
      await database.db
        .updateTable('api_key_secrets')
        .set({ retires_at: AT + 99 })
        .execute();
      expect(await port().calling(workspaceId, key.id, digest)).toBeNull();
    });

    test('living and livingSecrets leave out revoked keys, retired secrets, and those of another workspace', async () => {
      const [key, dead] = [await insert(), await insert({ revokedAt: AT })];
      const all = [key.id, dead.id, 'key_unknown'];
      expect(await port().living(workspaceId, all)).toEqual([{ id: key.id, ownerId: viewer.id }]);
      expect(await port().living('ws_other', all)).toEqual([]);
      const rows = await database.db.selectFrom('api_key_secrets').selectAll().execute();
      const digests = rows.map(({ digest }) => digest);
      const digest = rows.find(({ key_id }) => key_id === key.id)?.digest;
      expect(await port().livingSecrets(workspaceId, digests, AT)).toEqual([
        { digest, id: key.id, ownerId: viewer.id },
      ]);
      expect(await port().livingSecrets('ws_other', digests, AT)).toEqual([]);
      await port().retireSecrets('ws_other', digests, AT);
      expect(await port().livingSecrets(workspaceId, digests, AT)).toHaveLength(1);
      await port().retireSecrets(workspaceId, digests, AT);
      expect(await port().livingSecrets(workspaceId, digests, AT)).toEqual([]);
    });

    test('worksElsewhere is true while a working key of another workspace may make keys', async () => {
      const works = (now = AT) => port().worksElsewhere(workspaceId, now);
      await insert();
      const { workspace, owner } = await seedWorkspace(database);
      const { keys, workspaces, members } = database.storage;
      const insertThere = async (digest: string, changes: Partial<Key> = {}) => {
        const key = aKey(workspace.id, owner, changes);
        await keys.insert(key, aSecret(digest), HELD);
        return key;
      };
      await insertThere('revoked', { revokedAt: AT });
      await insertThere('off', { isActive: false });
      await insertThere('weak', { permissions: ['calls:read'] });
      expect(await works()).toBe(false);
      await insertThere('good', { expiresAt: AT + 1 });
      expect(await works()).toBe(true);
      expect(await works(AT + 1)).toBe(false);
      expect(await port().worksElsewhere(workspace.id, AT)).toBe(true);
      const member = await members.find(workspace.id, owner.id);
      if (member) await members.update({ ...member, userId: owner.id, status: 'suspended' });
      expect(await works()).toBe(false);
      if (member) await members.update({ ...member, userId: owner.id });
      for (const end of [{ suspendedAt: AT }, { deletedAt: AT }]) {
        await workspaces.update({ ...workspace, ...end });
        expect(await works()).toBe(false);
      }
    });

    test('hasActiveWith is true while an active key of an active owner with a working secret holds the permission', async () => {
      const has = (at = AT) => port().hasActiveWith(workspaceId, 'api-keys:write', at);
      const { keys, workspaces, members } = database.storage;
      const insertHere = async (digest: string, changes: Partial<Key> = {}) => {
        const key = aKey(workspaceId, viewer, { permissions: ['api-keys:write'], ...changes });
        await keys.insert(key, aSecret(digest), HELD);
      };
      await insertHere('gone', { revokedAt: AT });
      await insertHere('switched off', { isActive: false });
      await insertHere('too weak', { permissions: ['calls:read'] });
      expect(await has()).toBe(false);
      await insertHere('active', { expiresAt: AT + 2 });
      expect(await has()).toBe(true);
      expect(await has(AT + 2)).toBe(false);
      const member = await members.find(workspaceId, viewer.id);
      if (member) await members.update({ ...member, userId: viewer.id, status: 'suspended' });
      expect(await has()).toBe(false);
      if (member) await members.update({ ...member, userId: viewer.id });
      const workspace = await workspaces.find(workspaceId);
      if (workspace) await workspaces.update({ ...workspace, permissionMode: 'capped' });
      expect(await has()).toBe(false);
      if (workspace) await workspaces.update(workspace);
      await port().retireSecrets(workspaceId, ['active'], AT + 1);
      expect([await has(AT), await has(AT + 1)]).toEqual([true, false]);
    });

    test('exceeding returns the permissions that keys of a member, or of all with a role, hold beyond the role', async () => {
      const second = await seedMember(database, workspaceId, 'Viewer');
      const beyond = await insert({ permissions: ['calls:read', 'calls:write', 'calls:delete'] });
      const theirs = await insert({ owner: second, permissions: ['agents:write'] });
      await insert({ permissions: ['calls:read'] });
      await insert({ permissions: ['calls:write'], revokedAt: AT });
      const mine = {
        id: beyond.id,
        ownerId: viewer.id,
        name: 'Key',
        hint: beyond.hint,
        lastUsedAt: null,
        exceeding: ['calls:write', 'calls:delete'],
      };
      expect(await port().exceeding(workspaceId, { userId: viewer.id })).toEqual([mine]);
      const role = await database.storage.roles.findByName(workspaceId, 'viewer');
      const all = await port().exceeding(workspaceId, { roleId: role?.id ?? '' });
      expect(all.map(({ id }) => id)).toEqual([beyond.id, theirs.id]);
      expect(await port().exceeding('ws_other', { userId: viewer.id })).toEqual([]);
    });

    test('revoke ends the keys permanently with the reason, keeps them intact, and only those of the workspace', async () => {
      const [key, dead, foreign] = [await insert(), await insert({ revokedAt: 1 }), await insert()];
      const revoked = await port().revoke(workspaceId, [key.id, dead.id, 'key_unknown'], 'WHY', AT);
      expect(revoked).toEqual([{ id: key.id, version: key.version + 1 }]);
      expect(await port().revoke('ws_other', [foreign.id], 'WHY', AT)).toEqual([]);
      expect(await find(key)).toMatchObject({ revokedAt: AT, revokedReason: 'WHY', isIntact: true });
      expect(await find(dead)).toMatchObject({ revokedAt: 1, revokedReason: null });
      expect(await find(foreign)).toMatchObject({ revokedAt: null });
    });

    test('revokeAllOf revokes and returns every unrevoked key of a user in the workspace', async () => {
      const second = await seedMember(database, workspaceId, 'Viewer');
      const other = await seedWorkspace(database);
      const keys = [await insert(), await insert({ isActive: false, expiresAt: 1 })];
      await insert({ revokedAt: 1 });
      const kept = [await insert({ owner: second }), await insert({ workspaceId: other.workspace.id })];
      const revoked = await port().revokeAllOf(workspaceId, viewer.id, 'GONE', AT);
      expect(revoked.map(({ id }) => id).sort()).toEqual(keys.map(({ id }) => id).sort());
      for (const key of keys) expect(await find(key)).toMatchObject({ revokedAt: AT, revokedReason: 'GONE' });
      for (const key of kept) expect(await find(key)).toMatchObject({ revokedAt: null });
    });
  });
}
