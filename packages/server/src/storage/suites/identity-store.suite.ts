import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { IdentityLink } from '../../domain/identity/identity.ts';
import { AT, type OpenSuiteDatabase, type SuiteDatabase, seedWorkspace } from './suite-database.ts';

const ISSUER = 'https://id.example';

/** What every IdentityStore promises. */
export function identityStoreSuite(open: OpenSuiteDatabase): void {
  describe('IdentityStore', () => {
    let database: SuiteDatabase;
    let userId: string;

    beforeEach(async () => {
      database = await open();
      userId = (await seedWorkspace(database)).owner.id;
    });
    afterEach(() => database.close());

    const store = () => database.storage.identities;

    async function save(subject: string, changes: Partial<IdentityLink> = {}): Promise<IdentityLink> {
      const link = { issuer: ISSUER, subject, userId, linkedAt: AT, ...changes };
      await store().save(link);
      return link;
    }

    test('finds an account by issuer and subject, to the letter', async () => {
      const link = await save('Ada');
      expect(await store().find(ISSUER, 'Ada')).toEqual(link);
      expect(await store().find(ISSUER, 'ada')).toBeNull();
      expect(await store().find(`${ISSUER}/`, 'Ada')).toBeNull();
    });

    test('the same subject at another issuer is another account', async () => {
      const { owner } = await seedWorkspace(database);
      const here = await save('1');
      const there = await save('1', { issuer: 'https://other.example', userId: owner.id });
      expect(await store().find(here.issuer, '1')).toEqual(here);
      expect(await store().find(there.issuer, '1')).toEqual(there);
    });

    test('lists the accounts of a user at an issuer, the oldest link first', async () => {
      const { owner } = await seedWorkspace(database);
      const second = await save('1', { linkedAt: AT + 1 });
      const first = await save('2');
      await save('3', { userId: owner.id });
      await save('4', { issuer: 'https://other.example' });
      expect(await store().listOf(ISSUER, userId)).toEqual([first, second]);
    });

    test('an account is linked once: saving it again writes user and time anew', async () => {
      const { owner } = await seedWorkspace(database);
      await save('1');
      const again = await save('1', { userId: owner.id, linkedAt: AT + 1 });
      expect(await store().find(ISSUER, '1')).toEqual(again);
      expect(await store().listOf(ISSUER, userId)).toEqual([]);
    });
  });
}
