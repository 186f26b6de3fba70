import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  AT,
  type OpenSuiteDatabase,
  type SuiteDatabase,
  seedAccount,
  seedWorkspace,
} from './suite-database.ts';

const ADA = 'Ada@example.com';

/** The contract of every AccountStore. */
export function accountStoreSuite(open: OpenSuiteDatabase): void {
  describe('AccountStore', () => {
    let database: SuiteDatabase;
    let accountId: string;

    beforeEach(async () => {
      database = await open();
      accountId = await seedAccount(database);
    });
    afterEach(() => database.close());

    const store = () => database.storage.accounts;

    test('finds an account as it was inserted, and with its new default workspace after a change', async () => {
      expect(await store().find(accountId)).toEqual({
        id: accountId,
        defaultWorkspaceId: null,
        createdAt: AT,
      });
      const { workspace } = await seedWorkspace(database);
      await store().setDefault(accountId, workspace.id);
      expect((await store().find(accountId))?.defaultWorkspaceId).toBe(workspace.id);
      expect(await store().find('acc_unknown')).toBeNull();
    });

    test('a proven address belongs to one account: the one that proved it last', async () => {
      await store().proveAddress(accountId, ADA, AT);
      expect((await store().findByAddress('aDA@EXAMPLE.com'))?.id).toBe(accountId);
      expect(await store().addressesOf(accountId)).toEqual(['ada@example.com']);
      const other = await seedAccount(database);
      await store().proveAddress(other, 'ADA@example.com', AT + 1);
      expect((await store().findByAddress(ADA))?.id).toBe(other);
      expect(await store().addressesOf(accountId)).toEqual([]);
      expect(await store().findByAddress('bob@example.com')).toBeNull();
    });

    test('an address that was edited outside the service is not found', async () => {
      await store().proveAddress(accountId, ADA, AT);
      const other = await seedAccount(database);
      await database.db.updateTable('account_addresses').set({ account_id: other }).execute();
      expect(await store().findByAddress(ADA)).toBeNull();
      expect(await store().addressesOf(other)).toEqual([]);
    });

    test('stores what an account declined, also if it is declined twice', async () => {
      await store().decline(accountId, 'usr_1', AT);
      await store().decline(accountId, 'usr_1', AT);
      expect(await store().declinedBy(accountId)).toEqual(new Set(['usr_1']));
      expect(await store().declinedBy(await seedAccount(database))).toEqual(new Set());
    });
  });
}
