import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { IdentityLink } from '../../domain/identity/identity.ts';
import { AT, type OpenSuiteDatabase, type SuiteDatabase, seedAccount } from './suite-database.ts';

const ISSUER = 'https://id.example';

/** The contract of every IdentityStore. */
export function identityStoreSuite(open: OpenSuiteDatabase): void {
  describe('IdentityStore', () => {
    let database: SuiteDatabase;
    let accountId: string;

    beforeEach(async () => {
      database = await open();
      accountId = await seedAccount(database);
    });
    afterEach(() => database.close());

    const store = () => database.storage.identities;

    async function save(subject: string, changes: Partial<IdentityLink> = {}): Promise<IdentityLink> {
      const link = { issuer: ISSUER, subject, accountId, linkedAt: AT, ...changes };
      await store().save(link);
      return link;
    }

    test('finds an identity by issuer and subject, case-sensitively', async () => {
      const link = await save('Ada');
      expect(await store().find(ISSUER, 'Ada')).toEqual(link);
      expect(await store().find(ISSUER, 'ada')).toBeNull();
      expect(await store().find(`${ISSUER}/`, 'Ada')).toBeNull();
    });

    test('the same subject at another issuer is another identity', async () => {
      const other = await seedAccount(database);
      const here = await save('1');
      const there = await save('1', { issuer: 'https://other.example', accountId: other });
      expect(await store().find(here.issuer, '1')).toEqual(here);
      expect(await store().find(there.issuer, '1')).toEqual(there);
    });

    test('lists the identities of an account at an issuer, the oldest link first', async () => {
      const other = await seedAccount(database);
      const second = await save('1', { linkedAt: AT + 1 });
      const first = await save('2');
      await save('3', { accountId: other });
      await save('4', { issuer: 'https://other.example' });
      expect(await store().listOf(ISSUER, accountId)).toEqual([first, second]);
    });

    test('an identity is linked once: saving it again replaces account and time', async () => {
      const other = await seedAccount(database);
      await save('1');
      const again = await save('1', { accountId: other, linkedAt: AT + 1 });
      expect(await store().find(ISSUER, '1')).toEqual(again);
      expect(await store().listOf(ISSUER, accountId)).toEqual([]);
    });

    test('a link that was edited outside the service is not found', async () => {
      await save('1');
      await database.db
        .updateTable('identity_links')
        .set({ account_id: await seedAccount(database) })
        .execute();
      expect(await store().find(ISSUER, '1')).toBeNull();
      expect(await store().listOf(ISSUER, accountId)).toEqual([]);
    });
  });
}
