import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AuditFilter, AuditPage, AuditSearch } from '../../domain/audit/audit-store.ts';
import { type Anchor, genesisOf, linkHash, recordOf } from '../../domain/audit/chain.ts';
import { type AuditDraft, type AuditEntry, denialOf } from '../../domain/audit/entry.ts';
import { appendEntry } from '../../domain/audit/record-change.ts';
import type { Person } from '../../domain/tenancy/member.ts';
import type { Workspace } from '../../domain/tenancy/workspace.ts';
import type { Stores } from '../stores-over.ts';
import {
  AT,
  aKey,
  aSecret,
  HELD,
  type OpenSuiteDatabase,
  type SuiteDatabase,
  seedWorkspace,
} from './suite-database.ts';

const PAGE: AuditPage = { sortOrder: 'asc', limit: 100, offset: 0, after: null };

/** The contract of every AuditStore. */
export function auditStoreSuite(open: OpenSuiteDatabase): void {
  describe('AuditStore', () => {
    let database: SuiteDatabase;
    let workspace: Workspace;
    let owner: Person;

    beforeEach(async () => {
      database = await open();
      ({ workspace, owner } = await seedWorkspace(database));
    });
    afterEach(() => database.close());

    const store = () => database.storage.audit;

    function draft(changes: Partial<AuditDraft> = {}): AuditDraft {
      return {
        workspaceId: workspace.id,
        eventType: 'api-key.updated',
        actorId: owner.id,
        credential: { kind: 'key', keyId: 'key_1' },
        address: '192.0.2.1',
        agent: 'test/1',
        requestId: 'req_1',
        target: { kind: 'api-key', id: 'key_2' },
        before: { name: 'a' },
        after: { name: 'Straße 👍', rateLimit: { requestsPerDay: null } },
        ...denialOf(null),
        createdAt: AT,
        ...changes,
      };
    }

    const append = (one = draft(), names?: readonly string[]) => appendEntry(store(), one, names);

    async function all(workspaceId = workspace.id): Promise<AuditEntry[]> {
      const entries: AuditEntry[] = [];
      for await (const entry of store().stream(workspaceId)) entries.push(entry);
      return entries;
    }

    async function sequences(filter: AuditFilter, page: Partial<AuditPage> = {}): Promise<number[]> {
      const { items: entries } = await store().list(workspace.id, filter, { ...PAGE, ...page });
      return entries.map(({ sequence }) => sequence);
    }

    /** Is each entry chained to the one before it? */
    function expectChain(entries: readonly AuditEntry[], from: Anchor): void {
      let { sequence, hash: previous } = from;
      for (const entry of entries) {
        const { hash, ...content } = recordOf(entry) as AuditEntry;
        expect([entry.sequence, hash]).toEqual([++sequence, linkHash(previous, content)]);
        previous = hash;
      }
    }

    describe('append', () => {
      test('stores every field of the entry, with sequence, hash and the address of the actor', async () => {
        const appended = await append();
        expect(appended).toMatchObject({ ...draft(), sequence: 1, actorEmail: owner.email });
        expect(await all()).toEqual([appended]);
        expect(await store().head(workspace.id)).toEqual({
          workspaceId: workspace.id,
          sequence: 1,
          hash: appended.hash,
        });
      });

      test('has no address if there is no actor', async () => {
        expect(await append(draft({ actorId: null }))).toMatchObject({ actorEmail: null });
      });

      test('is rolled back with its transaction, and leaves no gap', async () => {
        await append();
        const failing = database.storage.transact(async ({ audit }) => {
          await appendEntry(audit, draft());
          throw new Error('fails');
        });
        await expect(failing).rejects.toThrow('fails');
        await append();
        expectChain(await all(), genesisOf(workspace.id));
        expect(await sequences({})).toEqual([1, 2]);
      });

      test('chains entries that are appended concurrently, without gaps', async () => {
        const changes = Array.from({ length: 50 }, () =>
          database.storage.transact(({ audit }) => appendEntry(audit, draft())),
        );
        await Promise.all(changes);
        const entries = await all();
        expect(entries).toHaveLength(50);
        expectChain(entries, genesisOf(workspace.id));
      });

      test('an entry stays as it is when the address or the name of its actor changes', async () => {
        await append();
        const before = await all();
        await database.db
          .updateTable('users')
          .set({ email: 'new@example.com', display_name: 'New' })
          .where('id', '=', owner.id)
          .execute();
        expect(await all()).toEqual(before);
        expect(await append()).toMatchObject({ actorEmail: 'new@example.com' });
      });
    });

    describe('after the caller was loaded', () => {
      const load = ({ callers }: Stores) => callers.load(workspace.id, owner.id, { keyId: null });

      test('entries are chained like any others, for every actor, also after a removal', async () => {
        const foreign = await seedWorkspace(database);
        await append(draft({ createdAt: AT - 1 }));
        await database.storage.transact(async (stores) => {
          const { audit } = stores;
          await load(stores);
          await appendEntry(audit, draft());
          await appendEntry(audit, draft({ workspaceId: foreign.workspace.id, actorId: foreign.owner.id }));
          await appendEntry(audit, draft({ actorId: null }));
          await load(stores);
          await appendEntry(audit, draft());
          await appendEntry(audit, draft());
          await audit.trim(workspace.id, AT);
          await appendEntry(audit, draft());
        });
        const entries = await all();
        expect(entries.map(({ sequence }) => sequence)).toEqual([2, 3, 4, 5, 6]);
        expect(entries.map(({ actorEmail }) => actorEmail)).toEqual([
          owner.email,
          null,
          owner.email,
          owner.email,
          owner.email,
        ]);
        expectChain(entries, (await store().checkpoint(workspace.id)) ?? genesisOf(workspace.id));
        expect(await all(foreign.workspace.id)).toMatchObject([{ actorEmail: foreign.owner.email }]);
      });

      test('a change needs no entry, and the chain may be empty', async () => {
        await database.storage.transact(load);
        expect(await all()).toEqual([]);
        await database.storage.transact(async (stores) => {
          const { audit } = stores;
          await load(stores);
          await appendEntry(audit, draft());
        });
        expect(await all()).toMatchObject([{ sequence: 1, actorEmail: owner.email }]);
        expectChain(await all(), genesisOf(workspace.id));
      });

      test('after a rollback, the next change reads the end of the chain again', async () => {
        await append();
        const failing = database.storage.transact(async (stores) => {
          const { audit } = stores;
          await load(stores);
          await appendEntry(audit, draft());
          throw new Error('fails');
        });
        const next = database.storage.transact(async (stores) => {
          const { audit } = stores;
          await load(stores);
          await appendEntry(audit, draft());
        });
        await expect(failing).rejects.toThrow('fails');
        await next;
        expectChain(await all(), genesisOf(workspace.id));
        expect(await sequences({})).toEqual([1, 2]);
      });
    });

    test('each workspace has its own chain', async () => {
      const foreign = await seedWorkspace(database);
      await append();
      await append(draft({ workspaceId: foreign.workspace.id }));
      expect(await all()).toHaveLength(1);
      expectChain(await all(foreign.workspace.id), genesisOf(foreign.workspace.id));
      expect((await store().list(foreign.workspace.id, {}, PAGE)).total).toBe(1);
      expect(await store().head('ws_unknown')).toEqual(genesisOf('ws_unknown'));
      expect(genesisOf('ws_unknown')).not.toMatchObject({ hash: genesisOf(workspace.id).hash });
    });

    test('streams more entries than one statement reads, in order', async () => {
      await database.storage.transact(async ({ audit }) => {
        for (let count = 0; count < 1_001; count++) await appendEntry(audit, draft());
      });
      expectChain(await all(), genesisOf(workspace.id));
      expect(await store().head(workspace.id)).toMatchObject({ sequence: 1_001 });
    });

    describe('list', () => {
      beforeEach(async () => {
        await append(draft({ eventType: 'workspace.founded', requestId: null, createdAt: AT + 9 }));
        await append(draft({ target: { kind: 'api-key', id: 'key_100%' } }));
        await append(draft({ actorId: null, target: { kind: 'role', id: 'role_1' } }));
      });

      test('sorts by the sequence in the chain, not by the time, in pages', async () => {
        expect(await sequences({})).toEqual([1, 2, 3]);
        expect(await sequences({}, { sortOrder: 'desc' })).toEqual([3, 2, 1]);
        expect(await sequences({}, { limit: 1, offset: 1 })).toEqual([2]);
        expect((await store().list(workspace.id, {}, { ...PAGE, limit: 1 })).total).toBe(3);
      });

      test('filters by type and by actor', async () => {
        expect(await sequences({ eventTypes: ['workspace.founded'] })).toEqual([1]);
        expect(await sequences({ actorId: owner.id })).toEqual([1, 2]);
        expect(await sequences({ actorId: owner.id, eventTypes: ['api-key.updated'] })).toEqual([2]);
      });

      const found = (text: string, keysByName: AuditSearch['keysByName'] = 'all') =>
        sequences({ search: { text, keysByName } });

      test('filters by one of several types, by target, and by time', async () => {
        expect(await sequences({ eventTypes: ['workspace.founded', 'api-key.updated'] })).toEqual([1, 2, 3]);
        expect(await sequences({ eventTypes: ['workspace.founded', 'api-key.revoked'] })).toEqual([1]);
        expect(await sequences({ targetId: 'role_1' })).toEqual([3]);
        expect(await sequences({ from: AT + 1 })).toEqual([1]);
        expect(await sequences({ to: AT + 9 })).toEqual([2, 3]);
        expect(await sequences({ from: AT, to: AT + 1, actorId: owner.id })).toEqual([2]);
        expect(await sequences({ from: AT + 10 })).toEqual([]);
      });

      test('searches names, ignoring case and accents; names of keys only for readers who may see them', async () => {
        const key = aKey(workspace.id, owner);
        await database.storage.keys.insert(key, aSecret('audit'), HELD);
        await append(draft({ target: { kind: 'api-key', id: key.id } }), ['Ångström billing']);
        await append(draft({ target: { kind: 'role', id: 'role_2' } }), ['Billing role']);
        expect(await found('ANGSTROM')).toEqual([4]);
        expect(await found('billing')).toEqual([4, 5]);
        expect(await found('billing', { ownerId: owner.id })).toEqual([4, 5]);
        expect(await found('billing', { ownerId: 'usr_other' })).toEqual([5]);
        expect(await found('billing', 'none')).toEqual([5]);
        expect(await found(key.id, 'none')).toEqual([4]);
      });

      test('a search with other filters finds entries that match both', async () => {
        const search = { text: 'req_1', keysByName: 'all' } as const;
        expect(await sequences({ search, from: AT, to: AT + 1 })).toEqual([2, 3]);
        expect(await sequences({ search, targetId: 'role_1' })).toEqual([3]);
        expect(await sequences({ search, eventTypes: ['workspace.founded', 'api-key.updated'] })).toEqual([
          2, 3,
        ]);
        expect(await sequences({ search, actorId: owner.id, eventTypes: ['api-key.updated'] })).toEqual([2]);
        expect(await sequences({ search, from: AT + 10 })).toEqual([]);
      });

      test('searches type, target, address and request, ignoring case; % and _ match themselves', async () => {
        expect(await found('FOUNDED')).toEqual([1]);
        expect(await found(owner.email.toUpperCase())).toEqual([1, 2]);
        expect(await found('REQ_1')).toEqual([2, 3]);
        expect(await found('0%')).toEqual([2]);
        expect(await found('_1')).toEqual([2, 3]);
        expect(await found('k%y')).toEqual([]);
      });

      test('returns the types that occur', async () => {
        expect(await store().eventTypes(workspace.id)).toEqual(['api-key.updated', 'workspace.founded']);
        expect(await store().eventTypes('ws_unknown')).toEqual([]);
      });
    });

    describe('trim', () => {
      async function appendAged(...ages: number[]): Promise<AuditEntry[]> {
        const entries: AuditEntry[] = [];
        for (const age of ages) entries.push(await append(draft({ createdAt: AT - age })));
        return entries;
      }

      test('removes older entries and continues from a checkpoint', async () => {
        const [, second] = await appendAged(30, 20, 10);
        const place = { workspaceId: workspace.id, sequence: 2, hash: second?.hash };
        expect(await store().trim(workspace.id, AT - 10)).toEqual(place);
        expect(await store().checkpoint(workspace.id)).toEqual(place);
        expectChain([...(await all()), ...(await appendAged(0))], place as Anchor);
      });

      test('removes entries from the beginning only: an older entry after one that stays is kept', async () => {
        await appendAged(30, 10, 20);
        expect(await store().trim(workspace.id, AT - 10)).toMatchObject({ sequence: 1 });
        expect(await sequences({})).toEqual([2, 3]);
      });

      test('continues from the checkpoint if no entry stays', async () => {
        const [, last] = await appendAged(30, 20);
        await store().trim(workspace.id, AT);
        expect(await all()).toEqual([]);
        expect(await store().head(workspace.id)).toMatchObject({ sequence: 2, hash: last?.hash });
      });

      test('changes nothing if the first entry stays, and nothing of another workspace', async () => {
        const foreign = await seedWorkspace(database);
        await append(draft({ workspaceId: foreign.workspace.id, createdAt: AT - 99 }));
        await appendAged(10, 30);
        expect(await store().trim(workspace.id, AT - 10)).toBeNull();
        expect(await store().checkpoint(workspace.id)).toBeNull();
        expect(await all(foreign.workspace.id)).toHaveLength(1);
      });

      test('returns the workspaces with older entries', async () => {
        await appendAged(30);
        expect(await store().workspacesBefore(AT - 30)).toEqual([]);
        expect(await store().workspacesBefore(AT - 29)).toEqual([workspace.id]);
      });
    });
  });
}
