import { expect, test } from 'vitest';
import { apiKey, replyJson, startPeer, success, verdict } from '../../test/peer.ts';
import { Latchkey } from '../client.ts';
import { LatchkeyDeniedError } from '../verdict.ts';

const key = 'lk_live_x';
const page = (nextCursor: string | null) => ({
  ...{ total: 2, limit: 100, offset: 0 },
  ...{ hasNext: nextCursor !== null, hasPrevious: false, nextCursor },
});

test('listAll follows the cursors in pages of 100 keys, also past an empty page, until there is no next page', async () => {
  const cursors = ['a', 'b', null];
  const { url, received } = await startPeer((response, attempt) => {
    const apiKeys = attempt === 2 ? [] : [{ ...apiKey, id: `key_${attempt}` }];
    const pagination = page(cursors[attempt - 1] ?? null);
    replyJson(success({ apiKeys, pagination }))(response, attempt);
  });
  const ids: string[] = [];
  for await (const { id } of new Latchkey({ url, key }).keys.listAll({ status: 'active' })) ids.push(id);
  expect(ids).toEqual(['key_1', 'key_3']);
  expect(received.map(({ path }) => path)).toEqual([
    '/api/v2/api-keys?status=active&limit=100',
    '/api/v2/api-keys?status=active&limit=100&cursor=a',
    '/api/v2/api-keys?status=active&limit=100&cursor=b',
  ]);
});

test('listAll throws instead of looping if a page has its own cursor as the next', async () => {
  const { url } = await startPeer(replyJson(success({ apiKeys: [], pagination: page('a') })));
  await expect(new Latchkey({ url, key }).keys.listAll().next()).rejects.toThrow(
    'the cursor of its own page',
  );
});

test.each([
  ['an allowed key', verdict],
  ['a denied key', { ...verdict, valid: false, code: 'PERMISSION_DENIED', missing: ['agents:write'] }],
])('verify returns the verdict of %s', async (_, body) => {
  const { url, received } = await startPeer(replyJson(success(body)));
  expect(await new Latchkey({ url, key }).keys.verify({ key: 'lk_y', cost: 0 })).toEqual(body);
  expect(received).toMatchObject([
    { method: 'POST', path: '/api/v2/api-keys/verify', body: { key: 'lk_y', cost: 0 } },
  ]);
});

test('require returns a valid key, and throws for a denied key, so that a caller that tests nothing is not let in', async () => {
  const denied = { ...verdict, valid: false, code: 'KEY_REVOKED' };
  const { url } = await startPeer((response, attempt) =>
    replyJson(success(attempt === 1 ? verdict : denied))(response, attempt),
  );
  const { keys } = new Latchkey({ url, key });
  expect(await keys.require({ key: 'lk_y' })).toEqual(apiKey);
  const error = await keys.require({ key: 'lk_y' }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LatchkeyDeniedError);
  expect(error).toMatchObject({ code: 'KEY_REVOKED', verdict: denied });
});

test('verifyMany returns the verdicts in order', async () => {
  const { url } = await startPeer(replyJson(success({ verdicts: [verdict, verdict] })));
  expect(await new Latchkey({ url, key }).keys.verifyMany([{ key: 'a' }, { key: 'b' }])).toHaveLength(2);
});

test('the bulk calls send their items in the fields of the contract', async () => {
  const { url, received } = await startPeer((response, attempt) => {
    const done =
      attempt === 1
        ? { updated: [], errors: [], effectiveBy: '' }
        : { deleted: [], errors: [], ended: [], effectiveBy: '' };
    replyJson(success(done))(response, attempt);
  });
  const { keys } = new Latchkey({ url, key });
  await keys.updateMany([{ id: 'key_1', isActive: false }]);
  await keys.revokeMany(['key_1'], { reason: 'gone' });
  expect(received).toMatchObject([
    { method: 'PUT', body: { apiKeys: [{ id: 'key_1', isActive: false }] } },
    { method: 'DELETE', body: { ids: ['key_1'], reason: 'gone' } },
  ]);
});

test('usage, refusals and explanation are requested for one key', async () => {
  const explanation = { valid: true, code: 'VALID', missing: [], rateLimit: verdict.rateLimit, steps: [] };
  const { url, received } = await startPeer(replyJson(success({ usage: [], refusals: [], explanation })));
  const { keys } = new Latchkey({ url, key });
  await keys.usage('key_1', { granularity: 'day', from: '2026-11-01' });
  await keys.refusals('key_1');
  await keys.explain('key_1', { permissions: ['calls:read', 'calls:write'], cost: 0 });
  await keys.explain('key_1');
  expect(received.map(({ path }) => path.replace('/api/v2/api-keys/key_1', ''))).toEqual([
    '/usage?granularity=day&from=2026-11-01',
    '/refusals',
    '/explain?permissions=calls%3Aread%2Ccalls%3Awrite&cost=0',
    '/explain',
  ]);
});

test('check verifies the key that is the credential', async () => {
  const { rateLimit } = apiKey;
  const body = { valid: true, workspaceId: 'ws_1', name: 'x', isActive: true, expiresAt: null, rateLimit };
  const { url, received } = await startPeer(replyJson(success(body)));
  expect(await new Latchkey({ url, key }).keys.check()).toEqual(body);
  await new Latchkey({ url, key }).keys.check({ permissions: ['calls:read', 'calls:write'], cost: 0 });
  expect(received).toMatchObject([
    { method: 'GET', path: '/api/v2/api-keys/check' },
    { method: 'GET', path: '/api/v2/api-keys/check?permissions=calls%3Aread%2Ccalls%3Awrite&cost=0' },
  ]);
});

test('the permission catalogue is listed', async () => {
  const permissions = [{ id: 'agents:read', resource: 'agents', action: 'read', title: 'Agents: read' }];
  const { url } = await startPeer(replyJson(success({ permissions })));
  expect(await new Latchkey({ url, key }).permissions.list()).toEqual({ permissions });
});

test('a dry run is asked for in the query, not in the body', async () => {
  const result = { deleted: [], errors: [], ended: [], effectiveBy: '', affected: { total: 0, keys: [] } };
  const { url, received } = await startPeer(replyJson(success(result)));
  const { keys } = new Latchkey({ url, key });
  expect(await keys.revokeMany(['key_1'], { dryRun: true, cascade: true })).toEqual(result);
  await keys.revokeMany(['key_1'], { dryRun: false });
  expect(received).toMatchObject([
    { path: '/api/v2/api-keys?dryRun=true', body: { ids: ['key_1'], cascade: true } },
    { path: '/api/v2/api-keys', body: { ids: ['key_1'] } },
  ]);
});

test('rates sends the ids in the body', async () => {
  const calls = { allowed: 1, denied: 0 };
  const result = { rates: [{ id: 'key_1', lastHour: calls, lastFiveMinutes: calls }] };
  const { url, received } = await startPeer(replyJson(success(result)));
  expect(await new Latchkey({ url, key }).keys.rates(['key_1'])).toEqual(result);
  expect(received).toMatchObject([
    { method: 'POST', path: '/api/v2/api-keys/rates', body: { ids: ['key_1'] } },
  ]);
});

test('endOldSecret names the key in the path', async () => {
  const result = { apiKey, effectiveBy: '', ended: [] };
  const { url, received } = await startPeer(replyJson(success(result)));
  expect(await new Latchkey({ url, key }).keys.endOldSecret('key_1')).toEqual(result);
  expect(received).toMatchObject([{ method: 'DELETE', path: '/api/v2/api-keys/key_1/secrets/old' }]);
});

test('update sends the etag that get returned, so that it changes only the version that was read', async () => {
  const { url, received } = await startPeer((response, attempt) => {
    response.setHeader('etag', '"3"');
    replyJson(success({ apiKey: { ...apiKey, secrets: [] }, effectiveBy: '2026-11-23T09:00:00.000Z' }))(
      response,
      attempt,
    );
  });
  const { keys } = new Latchkey({ url, key });
  const { etag } = await keys.get('key_1');
  expect(etag).toBe('"3"');
  await keys.update('key_1', { name: 'New' }, { ifMatch: etag ?? '' });
  await keys.update('key_1', { name: 'New' });
  expect(received.map(({ headers }) => headers['if-match'])).toEqual([undefined, '"3"', undefined]);
});
