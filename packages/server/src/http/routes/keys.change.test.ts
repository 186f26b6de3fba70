import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, startTestService, type TestService } from '../../../test/harness/test-service.ts';

const KEYS = '/api/v2/api-keys';

let service: TestService;

beforeEach(async () => {
  service = await startTestService();
});
afterEach(() => service.close());

function patch(id: string, body: unknown, as = service.owner.secret, headers = {}): Promise<Answer> {
  return service.call('PATCH', `${KEYS}/${id}`, { as, body, headers });
}

async function stored(id: string): Promise<Record<string, unknown>> {
  const { body } = await service.call('GET', `${KEYS}/${id}`, { as: service.owner.secret });
  const { secrets: _, ...apiKey } = body.data.result.apiKey;
  return apiKey;
}

async function checks(secret: string): Promise<string> {
  const { body } = await service.call('GET', `${KEYS}/check`, { as: secret });
  return body.success ? 'VALID' : body.data.error.code;
}

async function expectRefused(
  answer: Answer,
  status: number,
  code: string,
  id: string,
  before: unknown,
): Promise<void> {
  expect([answer.status, answer.body.data.error.code]).toEqual([status, code]);
  expect(await stored(id)).toEqual(before);
}

describe('PATCH /api-keys/{id}', () => {
  test('changes the given fields and keeps the others', async () => {
    const { apiKey } = await service.createKey({
      expiresAt: '2027-01-01',
      rateLimit: { requestsPerMinute: 5, requestsPerDay: 9 },
    });
    const { status, headers, body } = await patch(apiKey.id, {
      name: 'New',
      rateLimit: { requestsPerMinute: 6 },
    });
    expect([status, headers.etag]).toEqual([200, '"2"']);
    expect(body.data.result.apiKey).toEqual({
      ...apiKey,
      key: expect.stringContaining('…'),
      name: 'New',
      rateLimit: { requestsPerMinute: 6, requestsPerDay: 9 },
    });
    expect(await stored(apiKey.id)).toEqual(body.data.result.apiKey);
  });

  test('null clears a field', async () => {
    const { apiKey } = await service.createKey({
      expiresAt: '2027-01-01',
      rateLimit: { requestsPerMinute: 5, requestsPerDay: 9 },
    });
    await patch(apiKey.id, { expiresAt: null, rateLimit: { requestsPerDay: null } });
    expect(await stored(apiKey.id)).toMatchObject({
      expiresAt: null,
      rateLimit: { requestsPerMinute: 5, requestsPerDay: null },
    });
    await patch(apiKey.id, { rateLimit: null });
    expect(await stored(apiKey.id)).toMatchObject({
      rateLimit: { requestsPerMinute: null, requestsPerDay: null },
    });
  });

  test('isActive takes effect at once, both ways', async () => {
    const { apiKey, key } = await service.createKey();
    expect((await patch(apiKey.id, { isActive: false })).body.data.result.apiKey.status).toBe('disabled');
    expect(await checks(key)).toBe('KEY_DISABLED');
    await patch(apiKey.id, { isActive: true });
    expect(await checks(key)).toBe('VALID');
  });

  test('an expired key stays active and its expiry can be extended', async () => {
    const { apiKey, key } = await service.createKey({ expiresAt: '2026-11-24' });
    service.clock.set('2026-11-24T00:00:00Z');
    expect(await stored(apiKey.id)).toMatchObject({ status: 'expired', isActive: true });
    expect((await patch(apiKey.id, { name: 'still expired' })).status).toBe(200);
    await patch(apiKey.id, { expiresAt: '2026-11-25' });
    expect(await checks(key)).toBe('VALID');
  });

  test('400 for permissions: they are frozen', async () => {
    const { apiKey } = await service.createKey({ permissions: ['calls:read'] });
    const before = await stored(apiKey.id);
    await expectRefused(await patch(apiKey.id, { permissions: [] }), 400, 'FIELD_UNKNOWN', apiKey.id, before);
  });

  test('400 for an expiry in the past, 409 for a revoked key, 412 for a stale version; nothing changes', async () => {
    const { apiKey } = await service.createKey();
    const before = await stored(apiKey.id);
    await expectRefused(
      await patch(apiKey.id, { expiresAt: '2026-11-23' }),
      400,
      'EXPIRES_IN_PAST',
      apiKey.id,
      before,
    );
    for (const stale of ['"7"', '"7", "8"', 'W/"1"', 'junk']) {
      const answer = await patch(apiKey.id, { name: 'x' }, undefined, { 'if-match': stale });
      await expectRefused(answer, 412, 'VERSION_MISMATCH', apiKey.id, before);
    }
    for (const fresh of ['"1"', '*', '"other", "1"', 'W/"1", "1"']) {
      expect((await patch(apiKey.id, {}, undefined, { 'if-match': fresh })).status).toBe(200);
    }
    await service.call('DELETE', `${KEYS}/${apiKey.id}`, { as: service.owner.secret });
    const dead = await stored(apiKey.id);
    await expectRefused(await patch(apiKey.id, { isActive: true }), 409, 'CONFLICT', apiKey.id, dead);
  });

  test.each([
    ['nothing', {}],
    ['what is stored', { name: ' Billing ', isActive: true, expiresAt: '2027-01-01' }],
    ['the present limits', { rateLimit: { requestsPerMinute: 5 } }],
  ])('a change to %s creates no version and no entry in the audit log', async (_what, body) => {
    const bounds = { expiresAt: '2027-01-01', rateLimit: { requestsPerMinute: 5 } };
    const { apiKey } = await service.createKey({ name: 'Billing', ...bounds });
    const before = await stored(apiKey.id);
    const answer = await patch(apiKey.id, body);
    expect([answer.status, answer.headers.etag]).toEqual([200, '"1"']);
    expect(answer.body.data.result.apiKey).toEqual(before);
    const bulk = { as: service.owner.secret, body: { apiKeys: [{ id: apiKey.id, ...body }] } };
    expect((await service.call('PUT', KEYS, bulk)).body.data.result.updated).toEqual([before]);
    expect((await patch(apiKey.id, { name: 'New' })).headers.etag).toBe('"2"');
    const { body: log } = await service.call('GET', '/api/v2/workspaces/logs?eventType=api-key.updated', {
      as: service.owner.secret,
    });
    expect(log.data.result.logs).toHaveLength(1);
  });

  test("404 for another user's key without api-keys:manage-others", async () => {
    const { apiKey } = await service.createKey({ userId: await service.addMember() });
    const { key } = await service.createKey({ permissions: ['api-keys:write'] });
    const answer = await patch(apiKey.id, { name: 'x' }, key);
    await expectRefused(answer, 404, 'NOT_FOUND', apiKey.id, await stored(apiKey.id));
  });
});

describe('a key that changes keys', () => {
  const bounds = { expiresAt: '2027-01-01', rateLimit: { requestsPerMinute: 5, requestsPerDay: null } };

  test.each([
    ['prolongs itself', { expiresAt: '2027-01-02' }],
    ['makes itself endless', { expiresAt: null }],
    ['raises its own limit', { rateLimit: { requestsPerMinute: 6 } }],
    ['drops its own limits', { rateLimit: null }],
  ])('403 when it %s', async (_what, body) => {
    const { apiKey, key } = await service.createKey({ ...bounds, permissions: ['api-keys:write'] });
    await expectRefused(
      await patch(apiKey.id, body, key),
      403,
      'LIMIT_ESCALATION',
      apiKey.id,
      await stored(apiKey.id),
    );
  });

  test('may shorten, tighten and rename a stronger key, but not extend, widen or enable it', async () => {
    const strong = await service.createKey({ expiresAt: '2027-06-01', rateLimit: { requestsPerDay: 50 } });
    const { key: weak } = await service.createKey({ permissions: ['api-keys:write', 'calls:read'] });
    const narrower = {
      name: 'x',
      expiresAt: '2027-05-01',
      rateLimit: { requestsPerDay: 40 },
      isActive: false,
    };
    expect((await patch(strong.apiKey.id, narrower, weak)).status).toBe(200);
    const before = await stored(strong.apiKey.id);
    for (const wider of [
      { isActive: true },
      { expiresAt: '2027-05-02' },
      { rateLimit: { requestsPerDay: 41 } },
      { rateLimit: null },
    ]) {
      const answer = await patch(strong.apiKey.id, wider, weak);
      await expectRefused(answer, 403, 'PERMISSION_ESCALATION', strong.apiKey.id, before);
    }
  });

  test('409 for a key whose row was edited from outside; it can still be revoked', async () => {
    const { apiKey, key } = await service.createKey({ permissions: [] });
    await service.edit(apiKey.id, { requests_per_day: 9 });
    expect(await checks(key)).toBe('KEY_INVALID');
    expect((await patch(apiKey.id, { name: 'x' })).body.data.error.code).toBe('CONFLICT');
    const rotation = await service.call('POST', `${KEYS}/${apiKey.id}/rotate`, { as: service.owner.secret });
    expect(rotation.body.data.error.code).toBe('CONFLICT');
    expect((await service.call('DELETE', `${KEYS}/${apiKey.id}`, { as: service.owner.secret })).status).toBe(
      200,
    );
    expect(await checks(key)).toBe('KEY_INVALID');
    expect(
      service.logs.filter((line) => line.includes('altered outside') && line.includes(apiKey.id)),
    ).not.toEqual([]);
  });
});

describe('PUT /api-keys', () => {
  const put = (apiKeys: unknown, as = service.owner.secret) =>
    service.call('PUT', KEYS, { as, body: { apiKeys } });

  test('changes each key independently and returns which failed, and why', async () => {
    const [one, two, three] = [
      await service.createKey(),
      await service.createKey(),
      await service.createKey(),
    ];
    const { status, body } = await put([
      { id: one.apiKey.id, name: 'One' },
      { id: 'key_unknown', name: 'x' },
      { id: two.apiKey.id, expiresAt: '2020-01-01' },
      { id: one.apiKey.id, name: 'again' },
      { id: three.apiKey.id, isActive: false },
    ]);
    expect(status).toBe(200);
    expect(body.data.message).toBe('2 of 5 API keys updated');
    expect(body.data.result.updated).toEqual([await stored(one.apiKey.id), await stored(three.apiKey.id)]);
    expect(body.data.result.errors).toEqual([
      { id: 'key_unknown', error: 'No API key key_unknown', code: 'NOT_FOUND', details: [] },
      expect.objectContaining({
        id: two.apiKey.id,
        code: 'EXPIRES_IN_PAST',
        details: [{ field: 'expiresAt', message: expect.stringContaining('2020-01-01') }],
      }),
      expect.objectContaining({ id: one.apiKey.id, code: 'CONFLICT' }),
    ]);
    expect(await stored(one.apiKey.id)).toMatchObject({ name: 'One' });
    expect(await stored(two.apiKey.id)).toMatchObject({ expiresAt: null });
  });

  test('only the item that escalates permissions fails', async () => {
    const { apiKey, key } = await service.createKey({
      permissions: ['api-keys:write'],
      expiresAt: '2027-01-01',
    });
    const { body } = await put(
      [{ id: apiKey.id, expiresAt: null }, { id: apiKey.id.replace('key_', 'key_x') }],
      key,
    );
    expect(body.data.result.errors.map(({ code }: { code: string }) => code)).toEqual([
      'LIMIT_ESCALATION',
      'NOT_FOUND',
    ]);
  });

  test('accepts 200 items; 400 for none and for 201', async () => {
    const items = Array.from({ length: 201 }, (_, index) => ({ id: `key_${index}`, name: 'x' }));
    expect((await put(items.slice(1))).body.data.result.errors).toHaveLength(200);
    expect((await put(items)).status).toBe(400);
    expect((await put([])).status).toBe(400);
  });

  test('400 for an item of the wrong form, and no item is changed', async () => {
    const { apiKey } = await service.createKey();
    const { status, body } = await put([
      { id: apiKey.id, name: 'changed' },
      { id: 'key_x', isActive: 'no' },
    ]);
    expect([status, body.data.error.details[0].field]).toEqual([400, 'apiKeys[1].isActive']);
    expect(await stored(apiKey.id)).toMatchObject({ name: 'key' });
  });
});
