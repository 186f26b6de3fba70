import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Credential } from '../../domain/tenancy/descent.ts';
import {
  AT,
  aKey,
  aSecret,
  HELD,
  type OpenSuiteDatabase,
  type SuiteDatabase,
  seedWorkspace,
} from './suite-database.ts';

/** The contract of every DescentStore. */
export function descentStoreSuite(open: OpenSuiteDatabase): void {
  describe('DescentStore', () => {
    let database: SuiteDatabase;
    let workspaceId: string;

    beforeEach(async () => {
      database = await open();
      workspaceId = (await seedWorkspace(database)).workspace.id;
    });
    afterEach(() => database.close());

    const store = () => database.storage.descent;
    const childrenOf = (...ids: string[]) => store().childrenOf(workspaceId, ids);

    async function record(
      child: Credential,
      parentId: string | null,
      memberId: string | null = null,
    ): Promise<Credential> {
      await store().record(child, { workspaceId, parentId, memberId });
      return child;
    }

    test('children are the credentials that a credential or a member made, of one generation', async () => {
      const link = await record({ kind: 'sign-in-link', id: 'link_1' }, 'secret', 'usr_1');
      const session = await record({ kind: 'session', id: 'ses_1' }, 'link_1', 'usr_2');
      const key = await record({ kind: 'api-key', id: 'key_1' }, null, 'usr_2');
      expect(await childrenOf('secret')).toEqual([link]);
      expect(await childrenOf('link_1')).toEqual([session]);
      expect(await childrenOf('usr_2')).toEqual([key, session]);
      expect(await childrenOf('usr_1', 'link_1')).toEqual([link, session]);
      expect(await childrenOf('nothing')).toEqual([]);
      expect(await childrenOf()).toEqual([]);
    });

    test('children of a key include those of its secrets, and of no other key', async () => {
      const { owner } = await seedWorkspace(database);
      const [key, other] = [aKey(workspaceId, owner), aKey(workspaceId, owner)];
      await database.storage.keys.insert(key, aSecret('first'), HELD);
      await database.storage.keys.insert(other, aSecret('other'), HELD);
      await database.storage.keys.replaceSecret(workspaceId, key.id, aSecret('second'), AT, AT);
      const children = [
        await record({ kind: 'api-key', id: 'key_1' }, 'first'),
        await record({ kind: 'api-key', id: 'key_2' }, 'second'),
        await record({ kind: 'api-key', id: 'key_3' }, key.id),
      ];
      await record({ kind: 'api-key', id: 'key_4' }, 'other');
      expect(await childrenOf(key.id)).toEqual(children);
    });

    test('credentials of another workspace are not children', async () => {
      await record({ kind: 'api-key', id: 'key_1' }, 'secret', 'usr_1');
      expect(await store().childrenOf('ws_other', ['secret', 'usr_1'])).toEqual([]);
    });

    test('a member who comes back derives from the newer invitation; one who has left derives from none', async () => {
      const member = { kind: 'member', id: 'usr_1' } as const;
      await record(member, 'inv_1');
      await record(member, 'inv_2');
      expect([await childrenOf('inv_1'), await childrenOf('inv_2')]).toEqual([[], [member]]);
      await store().removeMember(workspaceId, 'usr_1');
      expect(await childrenOf('inv_2')).toEqual([]);
    });

    test('more parents than a statement can list are queried in parts', async () => {
      const ids = Array.from({ length: 1_200 }, (_, index) => `secret ${index}`);
      await record({ kind: 'api-key', id: 'key_1' }, 'secret 0');
      await record({ kind: 'api-key', id: 'key_2' }, 'secret 1199');
      expect((await childrenOf(...ids)).map(({ id }) => id)).toEqual(['key_1', 'key_2']);
    });

    test('purge removes the records of deleted sessions and links without children, and no others', async () => {
      const session = await record({ kind: 'session', id: 'ses_1' }, 'link_1');
      await record({ kind: 'session', id: 'ses_2' }, 'link_1');
      await record({ kind: 'sign-in-link', id: 'link_1' }, 'secret');
      const key = await record({ kind: 'api-key', id: 'key_1' }, 'ses_1');
      expect(await store().purge()).toBe(1);
      expect(await childrenOf('link_1')).toEqual([session]);
      expect(await childrenOf('ses_1')).toEqual([key]);
    });
  });
}
