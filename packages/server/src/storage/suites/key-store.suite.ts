import { PERMISSIONS, SYSTEM_ROLES } from '@latchkey/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Key } from '../../domain/keys/key.ts';
import type { KeyFilter, KeyPage } from '../../domain/keys/key-store.ts';
import type { Person } from '../../domain/tenancy/member.ts';
import type { Workspace } from '../../domain/tenancy/workspace.ts';
import {
  AT,
  aKey,
  aSecret,
  HELD,
  type OpenSuiteDatabase,
  type SuiteDatabase,
  seedMember,
  seedWorkspace,
  UNTOUCHED,
} from './suite-database.ts';

const PAGE: KeyPage = { sortBy: 'createdAt', sortOrder: 'asc', limit: 100, offset: 0, after: null };

/** The contract of every KeyStore and KeyLookup. */
export function keyStoreSuite(open: OpenSuiteDatabase): void {
  describe('KeyStore', () => {
    let database: SuiteDatabase;
    let workspace: Workspace;
    let owner: Person;
    let digests = 0;

    beforeEach(async () => {
      database = await open();
      ({ workspace, owner } = await seedWorkspace(database));
    });
    afterEach(() => database.close());

    const store = () => database.storage.keys;

    async function insert(changes: Partial<Key> = {}): Promise<Key> {
      const key = aKey(workspace.id, owner, changes);
      await store().insert(key, aSecret(`digest-${digests++}`), HELD);
      return key;
    }

    async function names(filter: KeyFilter, page: Partial<KeyPage> = {}, now = AT): Promise<string[]> {
      const { items: keys } = await store().list(workspace.id, filter, { ...PAGE, ...page }, now);
      return keys.map(({ name }) => name);
    }

    describe('find', () => {
      test('returns every field as it was inserted', async () => {
        const key = await insert({
          name: 'Straße 👍',
          isActive: false,
          permissions: [],
          rateLimit: { requestsPerMinute: 1, requestsPerDay: 1_000_000_000 },
          expiresAt: 253_402_300_799_999,
          lastUsedAt: AT + 1,
          createdBy: { kind: 'key', userId: owner.id, keyId: 'key_parent' },
        });
        expect(await store().find(workspace.id, key.id)).toEqual(key);
      });

      test('null on a miss, in another workspace, and in another case', async () => {
        const key = await insert();
        const foreign = await seedWorkspace(database);
        expect(await store().find(workspace.id, 'key_unknown')).toBeNull();
        expect(await store().find(foreign.workspace.id, key.id)).toBeNull();
        expect(await store().find(workspace.id, key.id.toUpperCase())).toBeNull();
      });
    });

    describe('countUnrevoked', () => {
      test('counts the keys of one owner that are not revoked, up to the given number', async () => {
        const other = await seedMember(database, workspace.id, 'Member');
        await insert({ isActive: false, expiresAt: 1 });
        await insert();
        await insert({ revokedAt: AT });
        await insert({ owner: other });
        expect(await store().countUnrevoked(workspace.id, owner.id, 10)).toBe(2);
        expect(await store().countUnrevoked(workspace.id, owner.id, 1)).toBe(1);
        expect(await store().countUnrevoked('ws_other', owner.id, 10)).toBe(0);
      });

      test('in a transaction counts its own inserts and revocations, and those of work that ran before', async () => {
        const counted = (inserted: boolean) =>
          database.storage.transact(async ({ audit, keys }) => {
            await audit.head(workspace.id);
            const key = aKey(workspace.id, owner);
            const before = await keys.countUnrevoked(workspace.id, owner.id, 10);
            await keys.insert(key, aSecret(`digest-${digests++}`), HELD);
            if (!inserted) await keys.update({ ...key, revokedAt: AT });
            return [before, await keys.countUnrevoked(workspace.id, owner.id, 10)];
          });
        const [first, revoked, second] = await Promise.all([counted(true), counted(false), counted(true)]);
        expect([first, second].toSorted()).toEqual([
          [0, 1],
          [1, 2],
        ]);
        expect(revoked[0]).toBe(revoked[1]);
      });
    });

    describe('findByDigest', () => {
      test('finds the key by its secret, in any workspace, and null on a miss or in another case', async () => {
        const key = aKey(workspace.id, owner);
        await store().insert(key, aSecret('Digest'), HELD);
        expect(await store().findByDigest('Digest')).toEqual({
          key,
          secretRetiresAt: null,
          status: UNTOUCHED,
        });
        expect(await store().findByDigest('digest')).toBeNull();
        expect(await store().findByDigest('other')).toBeNull();
      });

      test('a digest can belong to one key only', async () => {
        await store().insert(aKey(workspace.id, owner), aSecret('same'), HELD);
        await expect(store().insert(aKey(workspace.id, owner), aSecret('same'), HELD)).rejects.toThrow();
      });
    });

    describe('findRecord', () => {
      test('finds the key by its present secret, in its own workspace', async () => {
        const key = await insert();
        await store().replaceSecret(workspace.id, key.id, aSecret('present'), AT, AT + 100);
        const record = await store().findRecord(workspace.id, key.id);
        expect(record).toMatchObject({ key: { id: key.id }, secretRetiresAt: null, status: UNTOUCHED });
        expect(record).toEqual(await store().findByDigest('present'));
        expect(await store().findRecord('ws_other', key.id)).toBeNull();
        expect(await store().findRecord(workspace.id, 'key_unknown')).toBeNull();
      });
    });

    describe('a row edited from outside', () => {
      const edits = {
        expires_at: 1,
        requests_per_minute: 1,
        requests_per_day: 1,
        is_active: 0,
        created_by_key_id: 'key_x',
        created_at: 1,
        revoked_at: 1,
        seal: 'x',
      };

      test.each(Object.entries(edits))(
        'is found altered when %s was changed, and no other key is',
        async (column, value) => {
          const key = aKey(workspace.id, owner);
          const other = aKey(workspace.id, owner);
          await store().insert(key, aSecret('edited'), HELD);
          await store().insert(other, aSecret('other'), HELD);
          await database.db
            .updateTable('api_keys')
            .set({ [column]: value })
            .where('id', '=', key.id)
            .execute();
          expect((await store().findByDigest('edited'))?.key.isIntact).toBe(false);
          expect((await store().find(workspace.id, key.id))?.isIntact).toBe(false);
          expect((await store().findByDigest('other'))?.key.isIntact).toBe(true);
        },
      );

      test('is not intact if it refers to another set, or its set was edited', async () => {
        const key = await insert();
        const other = await insert({ permissions: ['billing:manage'] });
        const intact = async (id: string) => (await store().find(workspace.id, id))?.isIntact;
        const row = await database.db
          .selectFrom('api_keys')
          .select('permission_set_id')
          .where('id', '=', other.id)
          .executeTakeFirstOrThrow();
        await database.db.updateTable('api_keys').set(row).where('id', '=', key.id).execute();
        expect([await intact(key.id), await intact(other.id)]).toEqual([false, true]);
        await database.db.updateTable('permission_sets').set({ permissions: '["calls:read"]' }).execute();
        expect([await intact(key.id), await intact(other.id)]).toEqual([false, false]);
      });

      test('is not intact if its secret was moved to another key, or the end of the secret was changed', async () => {
        const weak = aKey(workspace.id, owner);
        const strong = aKey(workspace.id, owner);
        await store().insert(weak, aSecret('weak'), HELD);
        await store().insert(strong, aSecret('strong'), HELD);
        const edit = database.db.updateTable('api_key_secrets').where('digest', '=', 'weak');
        await edit.set({ key_id: strong.id }).execute();
        expect((await store().findByDigest('weak'))?.key.isIntact).toBe(false);
        await edit.set({ key_id: weak.id, retires_at: AT }).execute();
        expect((await store().findByDigest('weak'))?.key.isIntact).toBe(false);
        expect((await store().findByDigest('strong'))?.key.isIntact).toBe(true);
      });

      test('stays not intact when it is written again', async () => {
        const key = await insert();
        await database.db.updateTable('api_keys').set({ requests_per_day: 9 }).execute();
        const altered = await store().find(workspace.id, key.id);
        if (altered) await store().update({ ...altered, revokedAt: AT });
        expect((await store().find(workspace.id, key.id))?.isIntact).toBe(false);
      });

      test.each(['no list', '{"a":1}', '[1,null,"calls:read","gone:name"]', ''])(
        'with permissions %j can be read, and holds nothing the catalogue does not have',
        async (permissions) => {
          const key = await insert();
          await database.db.updateTable('permission_sets').set({ permissions }).execute();
          const found = await store().find(workspace.id, key.id);
          expect(found?.permissions.filter((permission) => permission !== 'calls:read')).toEqual([]);
        },
      );
    });

    describe('update', () => {
      test('writes the fields that callers can change, increments the version, and keeps the others', async () => {
        const key = await insert();
        const changes = {
          name: 'New',
          isActive: false,
          expiresAt: AT + 5,
          rateLimit: { requestsPerMinute: 5, requestsPerDay: null },
          revokedAt: AT + 1,
          revokedReason: 'why',
        };
        expect(await store().update({ ...key, ...changes, permissions: [], hint: 'x' })).toBe(true);
        expect(await store().find(workspace.id, key.id)).toMatchObject({
          ...changes,
          hint: key.hint,
          version: 2,
        });
      });

      test('is denied at another version, and writes nothing', async () => {
        const key = await insert();
        await store().update({ ...key, name: 'first' });
        expect(await store().update({ ...key, name: 'second' })).toBe(false);
        expect((await store().find(workspace.id, key.id))?.name).toBe('first');
      });

      test('does not change a key of another workspace', async () => {
        const key = await insert();
        const { workspace: foreign } = await seedWorkspace(database);
        expect(await store().update({ ...key, workspaceId: foreign.id, name: 'stolen' })).toBe(false);
      });
    });

    describe('replaceSecret', () => {
      test('the new secret has no end, the one before retires later, the one before that at once', async () => {
        const key = aKey(workspace.id, owner);
        await store().insert(key, aSecret('first'), HELD);
        await store().replaceSecret(workspace.id, key.id, aSecret('second'), AT, AT + 100);
        await store().replaceSecret(workspace.id, key.id, aSecret('third'), AT + 10, AT + 110);
        expect((await store().findByDigest('first'))?.secretRetiresAt).toBe(AT + 10);
        expect((await store().findByDigest('second'))?.secretRetiresAt).toBe(AT + 110);
        expect(await store().findByDigest('third')).toMatchObject({
          secretRetiresAt: null,
          key: { hint: 'lk_live_…hird', version: 3, isIntact: true },
        });
      });

      test('does not extend a secret that has retired already', async () => {
        const key = aKey(workspace.id, owner);
        await store().insert(key, aSecret('first'), HELD);
        await store().replaceSecret(workspace.id, key.id, aSecret('second'), AT, AT);
        await store().replaceSecret(workspace.id, key.id, aSecret('third'), AT + 50, AT + 100);
        expect((await store().findByDigest('first'))?.secretRetiresAt).toBe(AT);
      });
    });

    describe('ownerHoldings', () => {
      test("returns the owner's permissions then and now; none if the owner left, null on a miss", async () => {
        const member = await seedMember(database, workspace.id, 'Viewer');
        const key = await insert({ owner: member });
        const { permissions } = SYSTEM_ROLES.Viewer;
        const held = ['calls:read', 'api-keys:write'];
        expect(await store().ownerHoldings(workspace.id, key.id)).toEqual({ held, holdsNow: permissions });
        await database.storage.members.remove(workspace.id, member.id);
        expect(await store().ownerHoldings(workspace.id, key.id)).toEqual({ held, holdsNow: [] });
        expect(await store().ownerHoldings('ws_unknown', key.id)).toBeNull();
      });
    });

    describe('the status of workspace and owner', () => {
      const status = async () => (await store().findByDigest('status'))?.status;

      beforeEach(async () => {
        const member = await seedMember(database, workspace.id, 'Viewer');
        owner = member;
        await store().insert(aKey(workspace.id, member), aSecret('status'), HELD);
      });

      test('changes with the workspace', async () => {
        const { workspaces } = database.storage;
        await workspaces.update({ ...workspace, suspendedAt: AT });
        expect(await status()).toEqual({ ...UNTOUCHED, workspace: 'suspended' });
        await workspaces.update({ ...workspace, suspendedAt: AT, deletedAt: AT });
        expect(await status()).toEqual({ ...UNTOUCHED, workspace: 'deleted' });
        await workspaces.update({ ...workspace, permissionMode: 'capped' });
        expect(await status()).toEqual({ ...UNTOUCHED, cap: new Set(SYSTEM_ROLES.Viewer.permissions) });
      });

      test('changes with the owner', async () => {
        const { members } = database.storage;
        const member = await members.find(workspace.id, owner.id);
        if (!member) throw new Error('The member was just made');
        await members.update({ ...member, userId: owner.id, status: 'suspended' });
        expect(await status()).toEqual({ ...UNTOUCHED, owner: 'suspended' });
        await members.remove(workspace.id, owner.id);
        expect(await status()).toEqual({ ...UNTOUCHED, owner: null });
        await database.storage.workspaces.update({ ...workspace, permissionMode: 'capped' });
        expect(await status()).toEqual({ ...UNTOUCHED, owner: null, cap: new Set() });
      });

      test('an unknown permission mode counts as capped', async () => {
        await database.db.updateTable('workspaces').set({ permission_mode: 'loose' }).execute();
        expect((await status())?.cap).not.toBeNull();
      });
    });

    describe('rehash', () => {
      const rehash = (workspaceId: string, from: string, to: string) =>
        database.storage.transact(async ({ keys, audit }) => {
          await audit.head(workspaceId);
          await keys.rehash(workspaceId, from, to);
        });

      test('moves a secret, and the session and the descent that refer to it, to another digest', async () => {
        const key = aKey(workspace.id, owner);
        await store().insert(key, aSecret('from'), HELD);
        const { sessions, descent } = database.storage;
        const issuer = { userId: owner.id, keyId: key.id, secretDigest: 'from' };
        const times = { createdAt: AT, lastSeenAt: AT, expiresAt: AT + 1_000 };
        const member = { workspaceId: workspace.id, userId: owner.id, accountId: null };
        await sessions.insert(
          { id: 'ses_1', ...member, issuer, ...times, address: null, agent: null },
          'token',
        );
        const origin = { workspaceId: workspace.id, parentId: 'from', memberId: null };
        await descent.record({ kind: 'session', id: 'ses_1' }, origin);
        await rehash(workspace.id, 'from', 'to');
        expect(await store().findByDigest('from')).toBeNull();
        expect(await store().findByDigest('to')).toMatchObject({ key: { id: key.id, isIntact: true } });
        expect(await sessions.findByDigest('token')).toMatchObject({ issuer: { secretDigest: 'to' } });
        expect(await descent.childrenOf(workspace.id, ['to'])).toEqual([{ kind: 'session', id: 'ses_1' }]);
        expect(await descent.childrenOf(workspace.id, ['from'])).toEqual([]);
      });

      test('changes nothing of another workspace, nor a row that was edited outside the service', async () => {
        const key = aKey(workspace.id, owner);
        await store().insert(key, aSecret('from'), HELD);
        await rehash((await seedWorkspace(database)).workspace.id, 'from', 'to');
        await database.db.updateTable('api_key_secrets').set({ retires_at: AT }).execute();
        await rehash(workspace.id, 'from', 'to');
        expect(await store().findByDigest('to')).toBeNull();
        expect(await store().findByDigest('from')).toMatchObject({ key: { isIntact: false } });
      });
    });

    describe('list', () => {
      test('returns the keys of the workspace that are not revoked, and counts all of them', async () => {
        await insert({ name: 'a' });
        await insert({ name: 'b', revokedAt: AT });
        await insert({ name: 'c' });
        const foreign = await seedWorkspace(database);
        await store().insert(aKey(foreign.workspace.id, foreign.owner), aSecret('foreign'), HELD);
        const { items: keys, total } = await store().list(workspace.id, {}, { ...PAGE, limit: 1 }, AT);
        expect(keys.map(({ name }) => name)).toEqual(['a']);
        expect(total).toBe(2);
      });

      test('filters by status, which is the first of revoked, disabled, expired', async () => {
        await insert({ name: 'active' });
        await insert({ name: 'not yet expired', expiresAt: AT + 1 });
        await insert({ name: 'expired', expiresAt: AT });
        await insert({ name: 'disabled', isActive: false, expiresAt: AT });
        await insert({ name: 'revoked', isActive: false, expiresAt: AT, revokedAt: AT });
        expect(await names({ status: 'active' })).toEqual(['active', 'not yet expired']);
        expect(await names({ status: 'expired' })).toEqual(['expired']);
        expect(await names({ status: 'disabled' })).toEqual(['disabled']);
        expect(await names({ status: 'revoked' })).toEqual(['revoked']);
      });

      test('searches names, ignoring case; wildcards match themselves', async () => {
        await insert({ name: 'Billing ÄÖ 100%_\\x' });
        await insert({ name: 'other' });
        for (const search of ['billing', 'LING', 'äö', '100%', '%_\\']) {
          expect(await names({ search }), search).toEqual(['Billing ÄÖ 100%_\\x']);
        }
        for (const search of ['b%g', 'b_lling', "'", '1000'])
          expect(await names({ search }), search).toEqual([]);
      });

      test('searches by the hint and by the last four characters of the key, case-sensitively', async () => {
        await insert({ name: 'found', hint: 'lk_live_…aB1z' });
        await insert({ name: 'aB1z in its name' });
        expect(await names({ search: 'lk_live_…aB1z' })).toEqual(['found']);
        expect(await names({ search: 'aB1z' })).toEqual(['found', 'aB1z in its name']);
        expect(await names({ search: 'ab1z' })).toEqual(['aB1z in its name']);
        expect(await names({ search: 'B1z' })).toEqual(['aB1z in its name']);
      });

      test('searches and sorts names, ignoring accents', async () => {
        for (const name of ['zoe', 'Bob', 'Ångström', 'alice', 'Straße', 'Émile']) await insert({ name });
        expect(await names({ search: 'ss' })).toEqual(['Straße']);
        expect(await names({ search: 'STRASSE' })).toEqual(['Straße']);
        expect(await names({ search: 'angstro' })).toEqual(['Ångström']);
        expect(await names({}, { sortBy: 'name' })).toEqual([
          ...['alice', 'Ångström', 'Bob', 'Émile', 'Straße', 'zoe'],
        ]);
      });

      test('searches a whole id', async () => {
        const key = await insert({ name: 'by id' });
        expect(await names({ search: key.id })).toEqual(['by id']);
      });

      test('filters by owner, permission, expiry and last use', async () => {
        const second = await seedMember(database, workspace.id, 'Owner');
        await insert({ name: 'theirs', owner: second });
        await insert({ name: 'writer', permissions: ['calls:write'] });
        await insert({ name: 'ends', expiresAt: AT + 10, createdAt: AT + 2 });
        await insert({ name: 'used', lastUsedAt: AT + 100 });
        expect(await names({ ownerId: second.id })).toEqual(['theirs']);
        expect(await names({ permission: 'calls:write' })).toEqual(['writer']);
        expect(await names({ expiresBefore: AT + 11 })).toEqual(['ends']);
        expect(await names({ expiresBefore: AT + 10 })).toEqual([]);
        expect(await names({ unusedSince: AT + 1 })).toEqual(['theirs', 'writer']);
        expect(await names({ unusedSince: AT + 1, permission: 'calls:write' })).toEqual(['writer']);
      });

      test('filters by whether a key exceeds the role of its owner', async () => {
        const viewer = await seedMember(database, workspace.id, 'Viewer');
        await insert({ name: 'within', owner: viewer, permissions: ['calls:read'] });
        await insert({ name: 'empty', owner: viewer, permissions: [] });
        await insert({ name: 'beyond', owner: viewer, permissions: ['calls:read', 'calls:write'] });
        await insert({ name: 'revoked', owner: viewer, permissions: ['calls:write'], revokedAt: AT });
        await insert({ name: 'of an owner', permissions: [...PERMISSIONS] });
        expect(await names({ exceedsOwner: true })).toEqual(['beyond']);
        expect(await names({ exceedsOwner: false })).toEqual(['within', 'empty', 'of an owner']);
      });

      test('sorts by each field in both orders: no use counts as the earliest use, no expiry as the latest', async () => {
        await insert({ name: 'b', createdAt: 1, expiresAt: 30, lastUsedAt: 2 });
        await insert({ name: 'A', createdAt: 2, expiresAt: null, lastUsedAt: 3 });
        await insert({ name: 'c', createdAt: 3, expiresAt: 20, lastUsedAt: null });
        const orders = { createdAt: 'bAc', name: 'Abc', expiresAt: 'cbA', lastUsedAt: 'cbA' } as const;
        for (const [sortBy, order] of Object.entries(orders) as [keyof typeof orders, string][]) {
          expect((await names({}, { sortBy })).join(''), sortBy).toBe(order);
          const backward = [...order].reverse().join('');
          expect((await names({}, { sortBy, sortOrder: 'desc' })).join(''), sortBy).toBe(backward);
        }
      });

      test.each(['lastUsedAt', 'expiresAt'] as const)(
        'pages by cursor through keys with and without %s, each once and in order',
        async (sortBy) => {
          for (const value of [5, null, 7, 5, null, 5, null, 9])
            await insert({ name: 'one', [sortBy]: value });
          for (const sortOrder of ['asc', 'desc'] as const) {
            const whole = (await store().list(workspace.id, {}, { ...PAGE, sortBy, sortOrder }, AT)).items;
            const seen: string[] = [];
            for (let after: KeyPage['after'] = null; ; ) {
              const page = { ...PAGE, sortBy, sortOrder, limit: 1, after };
              const { items, next } = await store().list(workspace.id, {}, page, AT);
              seen.push(...items.map(({ id }) => id));
              after = next;
              if (next === null) break;
            }
            expect(seen).toEqual(whole.map(({ id }) => id));
            expect(new Set(seen).size).toBe(8);
          }
        },
      );

      test('pages through ties without a key twice or missing', async () => {
        for (let index = 0; index < 23; index++) await insert({ name: 'same' });
        for (const sortOrder of ['asc', 'desc'] as const) {
          const seen: string[] = [];
          for (let offset = 0; offset < 25; offset += 5) {
            const page = { ...PAGE, sortBy: 'name', sortOrder, limit: 5, offset } as const;
            seen.push(...(await store().list(workspace.id, {}, page, AT)).items.map(({ id }) => id));
          }
          expect(new Set(seen).size).toBe(23);
          expect(seen).toHaveLength(23);
        }
      });
    });
  });
}
