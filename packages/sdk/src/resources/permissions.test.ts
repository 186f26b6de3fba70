import { expect, test } from 'vitest';
import { replyJson, startPeer, success } from '../../test/peer.ts';
import { Latchkey } from '../client.ts';

test('grantable asks for the owner of a new key, and returns the reason of each permission', async () => {
  const holder = { userId: 'usr_1', displayName: 'Ada', roleName: 'Viewer' };
  const permissions = [{ id: 'calls:read', grantable: false, notHeldBy: 'owner' }];
  const result = { grantable: { caller: { kind: 'session', ...holder }, owner: holder, permissions } };
  const { url, received } = await startPeer(replyJson(success(result)));
  const client = new Latchkey({ url, key: 'lk_live_x' });
  expect(await client.permissions.grantable({ userId: 'usr_1' })).toEqual(result);
  expect(received).toMatchObject([{ method: 'GET', path: '/api/v2/permissions/grantable?userId=usr_1' }]);
});
