import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SignInLink } from '../../domain/sessions/sign-in-link.ts';
import { newId } from '../../domain/shared/id.ts';
import {
  AT,
  type OpenSuiteDatabase,
  type SuiteDatabase,
  seedMember,
  seedWorkspace,
} from './suite-database.ts';

const ISSUER = { userId: 'usr_1', keyId: 'key_1', secretDigest: 'secret_1' };

/** The contract of every SignInLinkStore. */
export function signInLinkStoreSuite(open: OpenSuiteDatabase): void {
  describe('SignInLinkStore', () => {
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

    const store = () => database.storage.signInLinks;

    async function put(digest: string, changes: Partial<SignInLink> = {}): Promise<SignInLink> {
      const times = { createdAt: AT, expiresAt: AT + 10 };
      const link = { id: newId('link'), workspaceId, userId, issuer: ISSUER, ...times, ...changes };
      await store().put(link, digest);
      return link;
    }

    test('a link can be taken once', async () => {
      const link = await put('d');
      expect(await store().take('D', AT)).toBeNull();
      expect(await store().take('d', AT)).toEqual(link);
      expect(await store().take('d', AT)).toBeNull();
    });

    test('of concurrent calls that take it, one succeeds', async () => {
      await put('d');
      const taken = await Promise.all(Array.from({ length: 50 }, () => store().take('d', AT)));
      expect(taken.filter((link) => link !== null)).toHaveLength(1);
    });

    test('a transaction that fails does not use it up', async () => {
      const link = await put('d');
      const failing = database.storage.transact(async ({ signInLinks }) => {
        await signInLinks.take('d', AT);
        throw new Error('not now');
      });
      await expect(failing).rejects.toThrow('not now');
      expect(await store().take('d', AT)).toEqual(link);
    });

    test('cannot be taken from its expiry on', async () => {
      await put('d');
      expect(await store().take('d', AT + 10)).toBeNull();
      expect(await store().take('d', AT + 9)).not.toBeNull();
    });

    test('a new link replaces the open one of the same member, and of no other', async () => {
      const other = await put('other', { userId: (await seedMember(database, workspaceId, 'Viewer')).id });
      const old = await put('old');
      expect(await store().put(old, 'old')).toEqual(old);
      const link = await put('new', { issuer: null, expiresAt: AT + 20 });
      expect(await store().take('old', AT)).toBeNull();
      expect(await store().take('new', AT)).toEqual(link);
      expect(await store().take('other', AT)).toEqual(other);
    });

    test('purge deletes links that expired before the instant, and returns their number', async () => {
      await put('d');
      expect(await store().purge(AT + 10)).toBe(0);
      expect(await store().purge(AT + 11)).toBe(1);
      expect(await store().take('d', AT)).toBeNull();
    });

    test('a link that was edited outside the service is not found', async () => {
      await put('d');
      const { id } = await seedMember(database, workspaceId, 'Viewer');
      await database.db.updateTable('sign_in_links').set({ user_id: id }).execute();
      expect(await store().take('d', AT)).toBeNull();
    });
  });
}
