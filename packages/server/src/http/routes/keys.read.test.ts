import { SYSTEM_ROLES } from '@latchkey/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, startTestService, type TestService } from '../../../test/harness/test-service.ts';

const KEYS = '/api/v2/api-keys';

let service: TestService;

beforeEach(async () => {
  service = await startTestService();
});
afterEach(() => service.close());

function get(path: string, as = service.owner.secret): Promise<Answer> {
  return service.call('GET', `${KEYS}${path}`, { as });
}

async function names(query: string, as = service.owner.secret): Promise<string[]> {
  const { status, body } = await get(`?sortOrder=asc&${query}`, as);
  expect(status, JSON.stringify(body)).toBe(200);
  return body.data.result.apiKeys.map(({ name }: { name: string }) => name);
}

describe('GET /api-keys', () => {
  test('returns pages, newest first, with their position', async () => {
    for (const name of ['a', 'b', 'c', 'd']) {
      service.clock.advance(1);
      await service.createKey({ name });
    }
    const { body } = await get('?limit=2&offset=1');
    expect(body.data.result.apiKeys.map(({ name }: { name: string }) => name)).toEqual(['c', 'b']);
    expect(body.data.result.pagination).toEqual({
      total: 5,
      limit: 2,
      offset: 1,
      hasNext: true,
      hasPrevious: true,
      nextCursor: expect.any(String),
    });
    const { pagination } = (await get('')).body.data.result;
    expect(pagination).toEqual({
      ...{ total: 5, limit: 50, offset: 0 },
      ...{ hasNext: false, hasPrevious: false, nextCursor: null },
    });
    expect((await get('?offset=99')).body.data.result.apiKeys).toEqual([]);
  });

  test('filters by status, name, permission, coming expiry and last use', async () => {
    await service.createKey({ name: 'reader', permissions: ['calls:read'] });
    await service.createKey({ name: 'soon over', expiresAt: '2026-12-01', permissions: [] });
    const { apiKey } = await service.createKey({ name: 'dead', permissions: [] });
    await service.call('DELETE', `${KEYS}/${apiKey.id}`, { as: service.owner.secret });
    expect(await names('search=READ')).toEqual(['reader']);
    expect(await names('permission=calls:read')).toEqual(["Owner's first key", 'reader']);
    expect(await names('expiresBefore=2026-12-02')).toEqual(['soon over']);
    expect(await names('status=revoked')).toEqual(['dead']);
    expect(await names('status=active&permission=calls:read&search=reader')).toEqual(['reader']);
    expect(await names('unusedSince=2026-11-24')).toContain('reader');
    service.clock.set('2026-12-01T00:00:00Z');
    expect(await names('status=expired')).toEqual(['soon over']);
  });

  test('accepts instants with more digits than milliseconds', async () => {
    await service.createKey({ name: 'ends', expiresAt: '2026-12-01T00:00:00.123Z' });
    expect(await names('expiresBefore=2026-12-01T00:00:00.124000001Z')).toEqual(['ends']);
    expect(await names('expiresBefore=2026-12-01T00:00:00.123999999Z')).toEqual([]);
    expect(await names('unusedSince=2026-11-24T00:00:00.123456Z')).toContain('ends');
  });

  test('lists only the own keys, without api-keys:manage-others', async () => {
    const userId = await service.addMember();
    await service.createKey({ name: 'mine' });
    await service.createKey({ name: 'theirs', userId });
    const { key } = await service.createKey({ name: 'asker', userId, permissions: ['api-keys:read'] });
    expect(await names('', key)).toEqual(['theirs', 'asker']);
    expect(await names(`userId=${userId}`, key)).toEqual(['theirs', 'asker']);
    expect(await names(`userId=${userId}`)).toEqual(['theirs', 'asker']);
    expect(await names('')).toHaveLength(4);
  });

  test('403 for the keys of another user without api-keys:manage-others, whether the user exists or not', async () => {
    const { key } = await service.createKey({ permissions: ['api-keys:read'] });
    for (const userId of [await service.addMember(), 'usr_unknown']) {
      const { status, body } = await get(`?userId=${userId}`, key);
      expect([status, body.data.error.code]).toEqual([403, 'PERMISSION_DENIED']);
    }
  });

  test.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=ten', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['offset=-1', 'offset'],
    ['sortBy=key', 'sortBy'],
    ['sortOrder=up', 'sortOrder'],
    ['status=dead', 'status'],
    ['permission=calls:fly', 'permission'],
    ['expiresBefore=soon', 'expiresBefore'],
    ['unusedSince=2026-02-30', 'unusedSince'],
    ['search=', 'search'],
  ])('400 for ?%s, naming the parameter', async (query, field) => {
    const { status, body } = await get(`?${query}`);
    expect([status, body.data.error.code]).toEqual([400, 'VALIDATION_FAILED']);
    expect(body.data.error.details[0].field).toBe(field);
  });

  test('400 for an unknown parameter', async () => {
    const { status, body } = await get('?page=2');
    expect([status, body.data.error.code]).toEqual([400, 'FIELD_UNKNOWN']);
  });
});

describe('GET /api-keys/{id}', () => {
  test('returns the key with its version as ETag', async () => {
    const { apiKey, key } = await service.createKey();
    const { status, headers, body } = await get(`/${apiKey.id}`);
    expect([status, headers.etag]).toEqual([200, '"1"']);
    const { secrets, ...found } = body.data.result.apiKey;
    expect(found).toEqual({ ...apiKey, key: `lk_live_…${key.slice(-4)}` });
    expect(secrets).toHaveLength(1);
  });

  test('returns a revoked key, with the time and reason', async () => {
    const { apiKey } = await service.createKey();
    await service.call('DELETE', `${KEYS}/${apiKey.id}`, {
      as: service.owner.secret,
      body: { reason: 'Spare' },
    });
    const { body } = await get(`/${apiKey.id}`);
    expect(body.data.result.apiKey).toMatchObject({
      status: 'revoked',
      isActive: true,
      revokedAt: '2026-11-23T09:00:00.000Z',
      revokedReason: 'Spare',
    });
  });

  test("404 for another user's key without api-keys:manage-others, as for an unknown one", async () => {
    const { apiKey } = await service.createKey({ userId: await service.addMember() });
    const { key } = await service.createKey({ permissions: ['api-keys:read'] });
    const { status, body } = await get(`/${apiKey.id}`, key);
    expect([status, body.data.error.code]).toEqual([404, 'NOT_FOUND']);
  });

  test('lastUsedAt is updated after the use, in the background', async () => {
    const { apiKey, key } = await service.createKey();
    service.clock.advance(1_500);
    await get('/check', key);
    expect((await get(`/${apiKey.id}`)).body.data.result.apiKey.lastUsedAt).toBeNull();
    await service.flush();
    expect((await get(`/${apiKey.id}`)).body.data.result.apiKey.lastUsedAt).toBe('2026-11-23T09:00:01.500Z');
  });
});

describe('GET /api-keys/{id}/provenance, and ?exceedsOwner', () => {
  async function demotedKey() {
    const userId = await service.addMember('Member');
    const { apiKey } = await service.createKey({
      userId,
      name: 'drifted',
      permissions: ['calls:read', 'calls:write'],
    });
    const viewer = await service.storage.roles.findByName(service.owner.workspaceId, 'viewer');
    const url = `/api/v2/workspaces/${service.owner.workspaceId}/members/${userId}`;
    await service.call('PUT', url, { as: service.owner.secret, body: { roleId: viewer?.id } });
    return apiKey;
  }

  test('returns the creator, the permissions of the owner then and now, and those that exceed them', async () => {
    const apiKey = await demotedKey();
    const { body } = await get(`/${apiKey.id}/provenance`);
    expect(body.data.result.provenance).toEqual({
      createdAt: apiKey.createdAt,
      createdBy: apiKey.createdBy,
      ownerHeld: SYSTEM_ROLES.Member.permissions,
      ownerHoldsNow: SYSTEM_ROLES.Viewer.permissions,
      exceeding: ['calls:write'],
    });
  });

  test('of a member who left: the owner holds no permissions, so all permissions of the revoked key exceed them', async () => {
    const apiKey = await demotedKey();
    const url = `/api/v2/workspaces/${service.owner.workspaceId}/members/${apiKey.userId}`;
    await service.call('DELETE', url, { as: service.owner.secret });
    const { body } = await get(`/${apiKey.id}/provenance`);
    expect(body.data.result.provenance).toMatchObject({ ownerHoldsNow: [], exceeding: apiKey.permissions });
  });

  test('the list finds keys that exceed their owner, and keys that do not', async () => {
    await demotedKey();
    expect(await names('exceedsOwner=true')).toEqual(['drifted']);
    expect(await names('exceedsOwner=false')).toEqual(["Owner's first key"]);
    expect(await names('')).toHaveLength(2);
  });
});
