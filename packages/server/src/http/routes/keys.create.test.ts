import { PERMISSIONS } from '@latchkey/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, startTestService, type TestService } from '../../../test/harness/test-service.ts';

const KEYS = '/api/v2/api-keys';

let service: TestService;

beforeEach(async () => {
  service = await startTestService();
});
afterEach(() => service.close());

function create(body: Record<string, unknown>, as = service.owner.secret, headers = {}): Promise<Answer> {
  return service.call('POST', KEYS, {
    as,
    headers,
    body: { name: 'key', userId: service.owner.userId, ...body },
  });
}

async function total(): Promise<number> {
  const { body } = await service.call('GET', KEYS, { as: service.owner.secret });
  return body.data.result.pagination.total;
}

async function expectRefused(answer: Answer, status: number, code: string): Promise<void> {
  expect([answer.status, answer.body.data.error.code]).toEqual([status, code]);
  expect(await total()).toBe(1);
}

describe('201', () => {
  test('returns all fields of the key, the secret and the Location', async () => {
    const { status, headers, body } = await create({
      name: ' Billing worker ',
      expiresAt: '2027-01-31T13:00:00.250+01:00',
      rateLimit: { requestsPerMinute: 60, requestsPerDay: 1_000 },
      permissions: ['calls:write', 'calls:read', 'calls:write'],
    });
    const { apiKey, key } = body.data.result;
    expect(status).toBe(201);
    expect(headers.location).toBe(`${KEYS}/${apiKey.id}`);
    expect(body.data.message).toBe('API key created');
    expect(key).toMatch(/^lk_live_[0-9A-Za-z]{49}$/);
    expect(apiKey).toEqual({
      id: expect.stringMatching(/^key_[0-9a-z]{26}$/),
      key,
      workspaceId: service.owner.workspaceId,
      userId: service.owner.userId,
      name: 'Billing worker',
      isActive: true,
      createdAt: '2026-11-23T09:00:00.000Z',
      lastUsedAt: null,
      expiresAt: '2027-01-31T12:00:00.250Z',
      rateLimit: { requestsPerMinute: 60, requestsPerDay: 1_000 },
      permissions: ['calls:read', 'calls:write'],
      creator: { id: service.owner.userId, email: 'owner@example.com', displayName: 'Olive Owner' },
      createdBy: { kind: 'key', userId: service.owner.userId, keyId: expect.stringMatching(/^key_/) },
      revokedAt: null,
      revokedReason: null,
      status: 'active',
      use: 'api',
    });
  });

  test('returns the secret only in this answer', async () => {
    const { apiKey, key } = await service.createKey();
    const hint = `lk_live_…${key.slice(-4)}`;
    const one = await service.call('GET', `${KEYS}/${apiKey.id}`, { as: service.owner.secret });
    expect(one.body.data.result.apiKey.key).toBe(hint);
    const all = await service.call('GET', KEYS, { as: service.owner.secret });
    expect(JSON.stringify(all.body)).not.toContain(key);
  });

  test('permissions left out: all that the creator holds; an empty list: none', async () => {
    expect((await service.createKey()).apiKey.permissions).toEqual(PERMISSIONS);
    const { apiKey, key } = await service.createKey({ permissions: [] });
    expect(apiKey.permissions).toEqual([]);
    expect((await service.call('GET', `${KEYS}/check`, { as: key })).status).toBe(200);
    expect((await service.call('GET', KEYS, { as: key })).status).toBe(403);
  });

  test('has a note if no permissions were given and the creator holds fewer than the owner', async () => {
    const { key } = await service.createKey({ permissions: ['api-keys:write', 'calls:read'] });
    const { body } = await create({}, key);
    expect(body.data.result.apiKey.permissions).toEqual(['calls:read', 'api-keys:write']);
    expect(body.data.message).toContain('fewer permissions than its owner holds');
  });

  test('for another member, with api-keys:manage-others', async () => {
    const userId = await service.addMember();
    const { apiKey } = await service.createKey({ userId });
    expect(apiKey).toMatchObject({ userId, creator: { id: userId, email: `${userId}@example.com` } });
    expect(apiKey.createdBy.userId).toBe(service.owner.userId);
  });

  test('a date is the start of that day in UTC; with null or without the field the key never expires', async () => {
    expect((await service.createKey({ expiresAt: '2027-01-31' })).apiKey.expiresAt).toBe(
      '2027-01-31T00:00:00.000Z',
    );
    expect((await service.createKey({ expiresAt: null })).apiKey.expiresAt).toBeNull();
    expect((await service.createKey()).apiKey.expiresAt).toBeNull();
  });

  test('an expiry with more digits, as Python, Go and .NET write it, is truncated to milliseconds', async () => {
    for (const expiresAt of [
      '2027-01-31T12:00:00.123456+00:00',
      '2027-01-31T12:00:00.123456789Z',
      '2027-01-31T12:00:00.1239999Z',
    ]) {
      const { apiKey } = await service.createKey({ expiresAt });
      expect(apiKey.expiresAt).toBe('2027-01-31T12:00:00.123Z');
    }
  });

  test('a missing or null limit means no limit', async () => {
    const { apiKey } = await service.createKey({ rateLimit: { requestsPerDay: 5 } });
    expect(apiKey.rateLimit).toEqual({ requestsPerMinute: null, requestsPerDay: 5 });
    expect((await service.createKey({ rateLimit: null })).apiKey.rateLimit).toEqual({
      requestsPerMinute: null,
      requestsPerDay: null,
    });
  });

  test('a key that creates a key passes on its own expiry and limits', async () => {
    const bounds = {
      expiresAt: '2027-01-31T00:00:00.000Z',
      rateLimit: { requestsPerMinute: 6, requestsPerDay: null },
    };
    const parent = await service.createKey({ ...bounds, permissions: ['api-keys:write'] });
    const child = await service.createKey({}, parent.key);
    expect(child.apiKey).toMatchObject({ ...bounds, createdBy: { kind: 'key', keyId: parent.apiKey.id } });
  });
});

describe('400', () => {
  test.each([
    ['no name', { name: undefined }, 'name'],
    ['an empty name', { name: '' }, 'name'],
    ['a blank name', { name: '   ' }, 'name'],
    ['a name of 101 characters', { name: 'a'.repeat(101) }, 'name'],
    ['a name with a control character', { name: 'a\u0007' }, 'name'],
    ['no userId', { userId: undefined }, 'userId'],
    ['an empty userId', { userId: '' }, 'userId'],
    ['a userId that is a list', { userId: ['a'] }, 'userId'],
    ['a date that rolls over', { expiresAt: '2027-02-30T00:00:00Z' }, 'expiresAt'],
    ['a time without a zone', { expiresAt: '2027-02-20T00:00:00' }, 'expiresAt'],
    ['a number for a date', { expiresAt: 1_800_000_000_000 }, 'expiresAt'],
    ['permissions null', { permissions: null }, 'permissions'],
    ['a wildcard', { permissions: ['*'] }, 'permissions[0]'],
    ['an unknown permission', { permissions: ['calls:read', 'calls:fly'] }, 'permissions[1]'],
    ['a permission in another case', { permissions: ['Calls:Read'] }, 'permissions[0]'],
    ['permissions as text', { permissions: 'calls:read' }, 'permissions'],
    ['a limit of 0', { rateLimit: { requestsPerMinute: 0 } }, 'rateLimit.requestsPerMinute'],
    ['a negative limit', { rateLimit: { requestsPerDay: -1 } }, 'rateLimit.requestsPerDay'],
    ['half a request', { rateLimit: { requestsPerDay: 1.5 } }, 'rateLimit.requestsPerDay'],
    ['a limit as text', { rateLimit: { requestsPerDay: '5' } }, 'rateLimit.requestsPerDay'],
    [
      'a limit beyond a million a minute',
      { rateLimit: { requestsPerMinute: 1_000_001 } },
      'rateLimit.requestsPerMinute',
    ],
    [
      'a limit beyond a billion a day',
      { rateLimit: { requestsPerDay: 1_000_000_001 } },
      'rateLimit.requestsPerDay',
    ],
  ])('%s, naming the field, and nothing is created', async (_what, body, field) => {
    const answer = await create(body);
    await expectRefused(answer, 400, 'VALIDATION_FAILED');
    expect(answer.body.data.error.details[0].field).toBe(field);
  });

  test('an expiry that is not in the future, by a millisecond', async () => {
    await expectRefused(await create({ expiresAt: '2026-11-23T09:00:00.000Z' }), 400, 'EXPIRES_IN_PAST');
    expect((await create({ expiresAt: '2026-11-23T09:00:00.001Z' })).status).toBe(201);
  });

  test.each(['', 'a b', `${'x'.repeat(256)}`, 'ä', '"unfinished'])(
    'an Idempotency-Key of %j',
    async (value) => {
      await expectRefused(
        await create({}, undefined, { 'idempotency-key': value }),
        400,
        'VALIDATION_FAILED',
      );
    },
  );
});

describe('403', () => {
  test('for another user without api-keys:manage-others, whether the user exists or not', async () => {
    const second = await service.addMember();
    const { key } = await service.createKey({ permissions: ['api-keys:write'] });
    for (const userId of [second, 'usr_unknown']) {
      const answer = await create({ userId }, key);
      expect([answer.status, answer.body.data.error.code]).toEqual([403, 'PERMISSION_DENIED']);
      expect(answer.body.data.error.details[0].field).toBe('api-keys:manage-others');
    }
  });

  test('for permissions that the creator does not hold, naming each; the list is not trimmed', async () => {
    const { key } = await service.createKey({ permissions: ['api-keys:write', 'calls:read'] });
    const answer = await create({ permissions: ['calls:read', 'calls:write', 'billing:read'] }, key);
    expect([answer.status, answer.body.data.error.code]).toEqual([403, 'PERMISSION_ESCALATION']);
    const named = answer.body.data.error.details.map(
      ({ message }: { message: string }) => message.split(' ')[0],
    );
    expect(named).toEqual(['calls:write', 'billing:read']);
    expect(await total()).toBe(2);
  });

  test.each([
    ['a later end', { expiresAt: '2027-01-31T00:00:00.001Z' }, 'expiresAt'],
    ['no end', { expiresAt: null }, 'expiresAt'],
    ['a higher limit', { rateLimit: { requestsPerMinute: 7 } }, 'rateLimit.requestsPerMinute'],
    ['no limits', { rateLimit: null }, 'rateLimit.requestsPerMinute'],
    ['one limit lifted', { rateLimit: { requestsPerDay: null } }, 'rateLimit.requestsPerDay'],
  ])('for %s than the creating key has', async (_what, body, field) => {
    const { key } = await service.createKey({
      expiresAt: '2027-01-31',
      rateLimit: { requestsPerMinute: 6, requestsPerDay: 60 },
      permissions: ['api-keys:write'],
    });
    const answer = await create(body, key);
    expect([answer.status, answer.body.data.error.code]).toEqual([403, 'LIMIT_ESCALATION']);
    expect(answer.body.data.error.details[0].field).toBe(field);
    expect(await total()).toBe(2);
  });
});

test('404 for a user who is not a member, whether unknown or in another workspace', async () => {
  const neighbour = await startTestService();
  for (const userId of ['usr_unknown', neighbour.owner.userId]) {
    await expectRefused(await create({ userId }), 404, 'USER_NOT_FOUND');
  }
  await neighbour.close();
});

describe('Idempotency-Key', () => {
  const once = { 'idempotency-key': 'once-1' };

  test('a repeated call creates no second key and gets the same answer, secret included', async () => {
    const first = await create({ name: 'a' }, undefined, once);
    const again = await create({ name: 'a' }, undefined, { 'idempotency-key': '"once-1"' });
    expect(again.status).toBe(201);
    expect(again.body.data.result).toEqual(first.body.data.result);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    expect(await total()).toBe(2);
  });

  test('50 concurrent calls create one key with one secret', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => create({}, undefined, once)));
    expect(new Set(answers.map(({ body }) => body.data.result.key)).size).toBe(1);
    expect(await total()).toBe(2);
  });

  test('422 for another body; the order of its fields does not matter', async () => {
    await create({ name: 'a', permissions: [] }, undefined, once);
    const reordered = { permissions: [], userId: service.owner.userId, name: 'a' };
    expect(
      (await service.call('POST', KEYS, { as: service.owner.secret, headers: once, body: reordered })).status,
    ).toBe(201);
    const answer = await create({ name: 'b', permissions: [] }, undefined, once);
    expect([answer.status, answer.body.data.error.code]).toEqual([422, 'IDEMPOTENCY_MISMATCH']);
  });

  test('the same Idempotency-Key of another user is another call', async () => {
    const userId = await service.addMember();
    const { key } = await service.createKey({ userId });
    const mine = await create({}, undefined, once);
    const theirs = await create({ userId }, key, once);
    expect(theirs.body.data.result.key).not.toBe(mine.body.data.result.key);
    expect(theirs.headers['idempotency-replayed']).toBeUndefined();
  });

  test('a denied call is not stored: after a correction it succeeds with the same Idempotency-Key', async () => {
    expect((await create({ userId: 'usr_unknown' }, undefined, once)).status).toBe(404);
    expect((await create({}, undefined, once)).status).toBe(201);
  });

  test('after ten minutes the replay has no secret and says so; after a day it is a new call', async () => {
    const first = await create({}, undefined, once);
    service.clock.advance(10 * 60_000);
    const late = await create({}, undefined, once);
    expect(late.status).toBe(201);
    expect(late.body.data.result.apiKey.id).toBe(first.body.data.result.apiKey.id);
    expect(late.body.data.message).toContain('can no longer be shown');
    expect(JSON.stringify(late.body)).not.toContain(first.body.data.result.key);
    service.clock.advance(24 * 3_600_000);
    const next = await create({}, undefined, once);
    expect(next.body.data.result.apiKey.id).not.toBe(first.body.data.result.apiKey.id);
  });

  test('once the key is revoked, the replay shows it as revoked, without its secret', async () => {
    const first = await create({}, undefined, once);
    const { apiKey, key } = first.body.data.result;
    await service.call('DELETE', `${KEYS}/${apiKey.id}`, { as: service.owner.secret });
    const again = await create({}, undefined, once);
    expect(again.body.data.result.apiKey.status).toBe('revoked');
    expect(JSON.stringify(again.body)).not.toContain(key);
  });

  test('a weaker key of the same user is not shown the secret of a stronger one', async () => {
    const { key: weak } = await service.createKey({ permissions: ['api-keys:write'] });
    await create({}, undefined, once);
    const answer = await create({}, weak, once);
    expect([answer.status, answer.body.data.error.code]).toEqual([403, 'PERMISSION_ESCALATION']);
  });

  test('the stored answer cannot be decrypted with the database and the pepper, without the Idempotency-Key', async () => {
    const { body } = await create({}, undefined, once);
    const rows = await service.storage.idempotency.find(service.owner.workspaceId, replayId(), 0);
    expect(rows?.sealed).toBeDefined();
    expect(() => service.keyring.decrypt(rows?.sealed ?? '', 'once-2', rows?.id ?? '')).toThrow();
    expect(service.keyring.decrypt(rows?.sealed ?? '', 'once-1', rows?.id ?? '')).toContain(
      body.data.result.key,
    );
  });

  function replayId(): string {
    const { workspaceId, userId } = service.owner;
    return service.keyring.digest(JSON.stringify(['replay', workspaceId, userId, 'createApiKey', 'once-1']));
  }
});
