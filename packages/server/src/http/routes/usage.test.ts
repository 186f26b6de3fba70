import { DECISION_STEPS, REFUSALS_KEPT_DAYS } from '@latchkey/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, startTestService, type TestService } from '../../../test/harness/test-service.ts';
import { BUCKET_MS } from '../../domain/usage/bucket.ts';

const KEYS = '/api/v2/api-keys';

let service: TestService;

beforeEach(async () => {
  service = await startTestService();
});
afterEach(() => service.close());

const get = (path: string, as = service.owner.secret): Promise<Answer> =>
  service.call('GET', `${KEYS}${path}`, { as });

async function result(path: string, as?: string): Promise<Answer['body']> {
  const { status, body } = await get(path, as);
  expect(status, JSON.stringify(body)).toBe(200);
  return body.data.result;
}

/** The non-empty counts of a key. */
async function counted(keyId: string, query = ''): Promise<unknown[]> {
  const { usage } = await result(`/${keyId}/usage?${query}`);
  return usage
    .filter(({ allowed, denied }: Answer['body']) => allowed > 0 || Object.keys(denied).length > 0)
    .map(({ at, allowed, denied }: Answer['body']) => [at.slice(0, 16), allowed, denied]);
}

async function verify(key: string, body: Record<string, unknown> = {}): Promise<string> {
  const answer = await service.call('POST', `${KEYS}/verify`, {
    as: service.owner.secret,
    body: { key, ...body },
  });
  return answer.body.data.result.code;
}

const change = (keyId: string, body: Record<string, unknown>): Promise<Answer> =>
  service.call('PATCH', `${KEYS}/${keyId}`, { as: service.owner.secret, body });

/** A key that the caller with this secret may not see. */
async function hiddenKey(): Promise<{ keyId: string; stranger: string }> {
  const { apiKey } = await service.createKey({ userId: await service.addMember() });
  const { key } = await service.createKey({ permissions: ['api-keys:read'] });
  return { keyId: apiKey.id, stranger: key };
}

describe('GET /api-keys/{id}/usage', () => {
  test('counts verify, verify-many and check by verdict, but no other calls of the key', async () => {
    const { apiKey, key } = await service.createKey({ rateLimit: { requestsPerMinute: 3 } });
    await verify(key);
    await get('/check', key);
    await service.call('POST', `${KEYS}/verify-many`, {
      as: service.owner.secret,
      body: { checks: [{ key }, { key }, { key: 'junk' }] },
    });
    await get('/check', key);
    await service.call('GET', '/api/v2/me', { as: key });
    service.clock.advance(BUCKET_MS.minute);
    await change(apiKey.id, { isActive: false });
    await verify(key);
    await service.flush();
    expect(await counted(apiKey.id, 'granularity=minute')).toEqual([
      ['2026-11-23T09:00', 3, { RATE_LIMITED: 2 }],
      ['2026-11-23T09:01', 0, { KEY_DISABLED: 1 }],
    ]);
    expect(await counted(apiKey.id)).toEqual([['2026-11-23T09:00', 3, { RATE_LIMITED: 2, KEY_DISABLED: 1 }]]);
  });

  test('checks of unknown keys and of keys of other workspaces are not counted', async () => {
    const { apiKey, key } = await service.createKey();
    const neighbour = await service.addWorkspace();
    const foreign = { as: neighbour.secret, body: { key } };
    await service.call('POST', `${KEYS}/verify`, foreign);
    await service.edit(apiKey.id, { expires_at: 1 });
    await verify(key);
    await service.flush();
    expect(await counted(apiKey.id)).toEqual([]);
    expect((await result(`/${apiKey.id}`)).apiKey.lastUsedAt).toBeNull();
  });

  test.each([
    ['', 24, '2026-11-22T10:00:00.000Z', '2026-11-23T09:00:00.000Z'],
    ['granularity=minute', 60, '2026-11-23T08:31:00.000Z', '2026-11-23T09:30:00.000Z'],
    ['granularity=day', 30, '2026-10-25T00:00:00.000Z', '2026-11-23T00:00:00.000Z'],
    [
      'to=2026-11-23T08:00:00Z&granularity=minute',
      60,
      '2026-11-23T07:00:00.000Z',
      '2026-11-23T07:59:00.000Z',
    ],
    [
      'from=2026-11-23T01:02:03Z&to=2026-11-23T03:00:00.001Z',
      3,
      '2026-11-23T01:00:00.000Z',
      '2026-11-23T03:00:00.000Z',
    ],
    [
      'from=2026-11-22&to=2026-11-23&granularity=minute',
      1_440,
      '2026-11-22T00:00:00.000Z',
      '2026-11-22T23:59:00.000Z',
    ],
  ])('?%s has %i points, one per interval, even without calls', async (query, count, first, last) => {
    const { apiKey } = await service.createKey();
    service.clock.set('2026-11-23T09:30:30Z');
    const { usage } = await result(`/${apiKey.id}/usage?${query}`);
    expect(usage).toHaveLength(count);
    expect([usage[0], usage.at(-1)]).toEqual([
      { at: first, allowed: 0, denied: {} },
      { at: last, allowed: 0, denied: {} },
    ]);
  });

  test('old counts are merged into hours and then days, and none is lost', async () => {
    const { apiKey, key } = await service.createKey();
    for (let day = 0; day < 95; day++) {
      await verify(key);
      service.clock.advance(BUCKET_MS.day);
      await service.flush();
    }
    const days = 'granularity=day&from=2026-11-23&to=2027-03-01';
    expect(await counted(apiKey.id, days)).toHaveLength(95);
    expect(await counted(apiKey.id, 'from=2027-01-01&to=2027-03-01')).toHaveLength(56);
    expect(await counted(apiKey.id, 'granularity=minute&from=2027-02-24T09:00:00Z&to=2027-02-25')).toEqual([
      ['2027-02-24T09:00', 1, {}],
    ]);
  });

  test.each([
    ['from=soon', 'from', 'must be RFC 3339'],
    ['to=2026-02-30', 'to', 'must be RFC 3339'],
    ['granularity=week', 'granularity', 'must be one of minute, hour, day'],
    ['from=2026-11-24&to=2026-11-24', 'from', 'must be before to'],
    ['from=2026-11-24&to=2026-11-23', 'from', 'must be before to'],
    ['from=2026-11-24', 'from', 'must be before to'],
    [
      'from=2026-11-22T08:00:59Z&granularity=minute',
      'granularity',
      'makes 1501 points of that time, and at most 1500 are answered; hour fits',
    ],
    [
      'from=2026-01-01',
      'granularity',
      'makes 7834 points of that time, and at most 1500 are answered; day fits',
    ],
    ['from=1970-01-01&granularity=day', 'granularity', 'ask for less time'],
    [
      'from=2026-11-21T08:59:00Z&to=2026-11-21T09:01:00Z&granularity=minute',
      'granularity',
      'is kept since 2026-11-21T09:00:00.000Z only; hour goes back further',
    ],
    [
      'from=2026-08-24&to=2026-08-26',
      'granularity',
      'is kept since 2026-08-25T09:00:00.000Z only; day goes back further',
    ],
  ])('400 for ?%s, naming the parameter', async (query, field, message) => {
    const { apiKey } = await service.createKey();
    const { status, body } = await get(`/${apiKey.id}/usage?${query}`);
    expect([status, body.data.error.code, body.data.error.details[0]]).toEqual([
      400,
      'VALIDATION_FAILED',
      { field, message: expect.stringContaining(message) },
    ]);
  });

  test("404 for another user's key without api-keys:manage-others, as for an unknown one", async () => {
    const { keyId, stranger } = await hiddenKey();
    for (const path of ['usage', 'refusals', 'explain']) {
      const { status, body } = await get(`/${keyId}/${path}`, stranger);
      expect([status, body.data.error.code], path).toEqual([404, 'NOT_FOUND']);
    }
  });
});

describe('GET /api-keys/{id}/refusals', () => {
  const refusals = async (keyId: string): Promise<Answer['body'][]> => {
    await service.flush();
    return (await result(`/${keyId}/refusals`)).refusals;
  };

  test('returns the time and reason of each denial, the newest first', async () => {
    const { apiKey, key } = await service.createKey({
      permissions: ['calls:read'],
      rateLimit: { requestsPerMinute: 9, requestsPerDay: 5 },
    });
    await verify(key, { permissions: ['calls:read', 'calls:write'], cost: 3 });
    service.clock.advance(1_000);
    await verify(key, { cost: 6 });
    service.clock.advance(BUCKET_MS.minute);
    await verify(key, { cost: 10 });
    expect(await refusals(apiKey.id)).toEqual([
      { at: '2026-11-23T09:01:01.000Z', code: 'RATE_LIMITED', step: 'minute', missing: [], cost: 10 },
      { at: '2026-11-23T09:00:01.000Z', code: 'RATE_LIMITED', step: 'day', missing: [], cost: 6 },
      {
        at: '2026-11-23T09:00:00.000Z',
        code: 'PERMISSION_DENIED',
        step: 'permission',
        missing: ['calls:write'],
        cost: 3,
      },
    ]);
  });

  test('returns why a key is KEY_REVOKED or KEY_DISABLED', async () => {
    const userId = await service.addMember();
    const { apiKey, key } = await service.createKey({ userId });
    const rotation = { as: service.owner.secret, body: { overlapSeconds: 0 } };
    const rotated = await service.call('POST', `${KEYS}/${apiKey.id}/rotate`, rotation);
    await verify(key);
    service.clock.advance(BUCKET_MS.minute);
    const member = `/api/v2/workspaces/${service.owner.workspaceId}/members/${userId}`;
    await service.call('PUT', member, { as: service.owner.secret, body: { status: 'suspended' } });
    await verify(rotated.body.data.result.key);
    service.clock.advance(BUCKET_MS.minute);
    await service.call('DELETE', `${KEYS}/${apiKey.id}`, { as: service.owner.secret });
    await verify(rotated.body.data.result.key);
    expect((await refusals(apiKey.id)).map(({ code, step }) => [code, step])).toEqual([
      ['KEY_REVOKED', 'revoked'],
      ['KEY_DISABLED', 'owner'],
      ['KEY_REVOKED', 'rotated'],
    ]);
  });

  test(`entries are deleted after ${REFUSALS_KEPT_DAYS} days`, async () => {
    const { apiKey, key } = await service.createKey({ permissions: [] });
    await verify(key, { permissions: ['calls:read'] });
    expect(await refusals(apiKey.id)).toHaveLength(1);
    service.clock.advance(REFUSALS_KEPT_DAYS * BUCKET_MS.day + BUCKET_MS.minute);
    expect(await refusals(apiKey.id)).toEqual([]);
  });
});

describe('GET /api-keys/{id}/explain', () => {
  const explain = async (keyId: string, query = ''): Promise<Answer['body']> =>
    (await result(`/${keyId}/explain?${query}`)).explanation;

  test('a valid key passes every step, in the order of the decision', async () => {
    const { apiKey } = await service.createKey({ rateLimit: { requestsPerMinute: 5 } });
    const explanation = await explain(apiKey.id, 'permissions=calls:read,%20agents:read');
    expect(explanation).toMatchObject({ valid: true, code: 'VALID', missing: [] });
    expect(explanation.steps.map(({ step }: Answer['body']) => step)).toEqual(DECISION_STEPS);
    expect(explanation.steps.every(({ passes, code }: Answer['body']) => passes && code === null)).toBe(true);
    expect(explanation.steps.at(-2).note).toBe('5 of 5 are left');
  });

  test('returns all failed steps, and which of them decides', async () => {
    const { apiKey } = await service.createKey({ expiresAt: '2026-11-24', permissions: ['calls:read'] });
    await change(apiKey.id, { isActive: false });
    service.clock.set('2026-11-24T00:00:00Z');
    const { steps, ...verdict } = await explain(apiKey.id, 'permissions=calls:write,calls:read');
    expect(verdict).toMatchObject({ valid: false, code: 'KEY_DISABLED', missing: ['calls:write'] });
    expect(steps.filter(({ passes }: Answer['body']) => !passes)).toEqual([
      { step: 'disabled', passes: false, code: 'KEY_DISABLED', note: 'It is switched off' },
      { step: 'expired', passes: false, code: null, note: 'It expired at 2026-11-24T00:00:00.000Z' },
      { step: 'permission', passes: false, code: null, note: 'It does not hold calls:write' },
    ]);
  });

  test('has the same verdict as verify, but takes no quota and is not counted', async () => {
    const { apiKey, key } = await service.createKey({
      permissions: ['calls:read'],
      rateLimit: { requestsPerMinute: 3, requestsPerDay: 5 },
    });
    const questions = [
      { cost: 3 },
      { cost: 4 },
      { cost: 0 },
      { permissions: ['calls:write'], cost: 9 },
      { cost: 3 },
    ];
    for (const question of questions) {
      const query = Object.entries(question).map(([name, value]) => `${name}=${value}`);
      for (let repeat = 0; repeat < 3; repeat++) await explain(apiKey.id, query.join('&'));
      const { code, rateLimit } = await explain(apiKey.id, query.join('&'));
      const asked = { as: service.owner.secret, body: { key, ...question } };
      const verdict = (await service.call('POST', `${KEYS}/verify`, asked)).body.data.result;
      expect([code, rateLimit.retryAfterSeconds]).toEqual([
        verdict.code,
        verdict.rateLimit.retryAfterSeconds,
      ]);
    }
    await service.flush();
    expect(await counted(apiKey.id)).toEqual([
      ['2026-11-23T09:00', 2, { PERMISSION_DENIED: 1, RATE_LIMITED: 2 }],
    ]);
  });

  test('reports a key that was altered outside Latchkey', async () => {
    const { apiKey } = await service.createKey();
    await service.edit(apiKey.id, { requests_per_day: 9 });
    const { code, steps } = await explain(apiKey.id);
    expect([code, steps.find(({ passes }: Answer['body']) => !passes)]).toMatchObject([
      'KEY_INVALID',
      { step: 'intact', note: 'What is stored was altered outside Latchkey' },
    ]);
  });

  test.each([
    ['permissions=calls:fly', 'permissions'],
    ['permissions=calls:read,,calls:write', 'permissions'],
    ['permissions=', 'permissions'],
    ['cost=-1', 'cost'],
    ['cost=many', 'cost'],
  ])('400 for ?%s, naming the parameter', async (query, field) => {
    const { apiKey } = await service.createKey();
    const { status, body } = await get(`/${apiKey.id}/explain?${query}`);
    expect([status, body.data.error.code]).toEqual([400, 'VALIDATION_FAILED']);
    expect(body.data.error.details[0].field).toBe(field);
  });
});

describe('POST /api-keys/rates', () => {
  const rates = (ids: readonly string[], as = service.owner.secret): Promise<Answer> =>
    service.call('POST', `${KEYS}/rates`, { as, body: { ids } });

  test('counts allowed and denied verdicts of the last hour and the last five minutes, in the order of the ids', async () => {
    const { apiKey: busy, key } = await service.createKey({ permissions: ['calls:read'] });
    const { apiKey: idle } = await service.createKey();
    await verify(key);
    service.clock.advance(59 * BUCKET_MS.minute);
    await verify(key);
    await verify(key, { permissions: ['calls:write'] });
    await service.flush();
    const none = { allowed: 0, denied: 0 };
    const recent = { allowed: 1, denied: 1 };
    const at = async () => (await rates([idle.id, busy.id])).body.data.result.rates;
    expect(await at()).toEqual([
      { id: idle.id, lastHour: none, lastFiveMinutes: none },
      { id: busy.id, lastHour: { allowed: 2, denied: 1 }, lastFiveMinutes: recent },
    ]);
    service.clock.advance(4 * BUCKET_MS.minute);
    expect((await at())[1]).toMatchObject({ lastHour: recent, lastFiveMinutes: recent });
    service.clock.advance(BUCKET_MS.minute);
    expect((await at())[1]).toMatchObject({ lastHour: recent, lastFiveMinutes: none });
  });

  test('leaves out keys that do not exist or that the caller may not see', async () => {
    const { keyId, stranger } = await hiddenKey();
    expect((await rates([keyId, 'key_unknown'], stranger)).body.data.result.rates).toEqual([]);
    expect((await rates([keyId, 'key_unknown'])).body.data.result.rates).toHaveLength(1);
  });

  test('400 for no ids, for more than 200, and for an id that is sent twice', async () => {
    const many = Array.from({ length: 201 }, (_, index) => `key_${index}`);
    for (const ids of [[], many, ['key_1', 'key_1']]) {
      const { status, body } = await rates(ids);
      expect([status, body.data.error.details[0]?.field]).toEqual([400, 'ids']);
    }
    expect((await rates(many.slice(1))).status).toBe(200);
  });
});

describe('GET /workspaces/usage', () => {
  const usage = (query = '', as = service.owner.secret): Promise<Answer> =>
    service.call('GET', `/api/v2/workspaces/usage?${query}`, { as });

  test('counts all keys by time and code, and names the busiest keys and the most denials', async () => {
    const { apiKey: first, key } = await service.createKey({ name: 'first', permissions: ['calls:read'] });
    const { apiKey: second, key: other } = await service.createKey({ name: 'second' });
    await verify(other);
    await verify(key);
    service.clock.advance(BUCKET_MS.hour);
    await verify(key, { permissions: ['calls:write'] });
    await verify(key, { permissions: ['calls:write'] });
    await service.call('DELETE', `${KEYS}/${second.id}`, { as: service.owner.secret });
    await verify(other);
    await service.flush();
    const { status, body } = await usage();
    expect(status).toBe(200);
    const { usage: points, keys, denials } = body.data.result;
    expect(points).toHaveLength(24);
    expect(points.slice(-2)).toMatchObject([
      { allowed: 2, denied: {} },
      { allowed: 0, denied: { PERMISSION_DENIED: 2, KEY_REVOKED: 1 } },
    ]);
    const shown = ({ id, name, creator }: Answer['body']) => ({ id, name, userId: creator.id });
    expect(keys).toMatchObject([
      { ...shown(first), allowed: 1, denied: { PERMISSION_DENIED: 2 }, key: expect.stringContaining('…') },
      { ...shown(second), allowed: 1, denied: { KEY_REVOKED: 1 } },
    ]);
    expect(denials).toMatchObject([
      { ...shown(first), code: 'PERMISSION_DENIED', count: 2 },
      { ...shown(second), code: 'KEY_REVOKED', count: 1 },
    ]);
    const limited = (await usage('limit=1&granularity=day')).body.data.result;
    expect([limited.usage.length, limited.keys.length, limited.denials.length]).toEqual([30, 1, 1]);
  });

  test("without api-keys:manage-others, only the caller's own keys count", async () => {
    const { apiKey, key } = await service.createKey({ userId: await service.addMember() });
    await verify(key);
    await service.flush();
    const userId = await service.addMember('Member');
    const { key: reader } = await service.createKey({ userId, permissions: ['api-keys:read'] });
    expect((await usage('', reader)).body.data.result.keys).toEqual([]);
    expect((await usage()).body.data.result.keys).toMatchObject([{ id: apiKey.id }]);
  });

  test.each(['limit=0', 'limit=101', 'granularity=week', 'from=2020-01-01', 'from=2030-01-01', 'to=x'])(
    '400 for %s',
    async (query) => {
      expect((await usage(query)).status).toBe(400);
    },
  );
});
