import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, startTestService, type TestService } from '../../../test/harness/test-service.ts';

const KEYS = '/api/v2/api-keys';

let service: TestService;

beforeEach(async () => {
  service = await startTestService();
});
afterEach(() => service.close());

const check = (secret: string): Promise<Answer> => service.call('GET', `${KEYS}/check`, { as: secret });

async function verdict(body: Record<string, unknown>, as = service.owner.secret): Promise<Answer['body']> {
  const answer = await service.call('POST', `${KEYS}/verify`, { as, body });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body.data.result;
}

const limited = { rateLimit: { requestsPerMinute: 2, requestsPerDay: 3 } };

describe('GET /api-keys/check', () => {
  test('returns the key to a valid key', async () => {
    const { apiKey, key } = await service.createKey({ ...limited, expiresAt: '2027-01-01' });
    const { body } = await check(key);
    expect(body.data.result).toEqual({
      valid: true,
      workspaceId: service.owner.workspaceId,
      name: 'key',
      isActive: true,
      expiresAt: apiKey.expiresAt,
      rateLimit: limited.rateLimit,
    });
  });

  test('counts against the limits, and returns the remaining quota in the headers', async () => {
    const { key } = await service.createKey(limited);
    const { headers } = await check(key);
    expect(headers['ratelimit-policy']).toBe('"minute";q=2;w=60, "day";q=3;w=86400');
    expect(headers.ratelimit).toBe('"minute";r=1;t=60, "day";r=2;t=54000');
    await check(key);
    const denied = await check(key);
    expect([denied.status, denied.body.data.error]).toMatchObject([
      429,
      { code: 'RATE_LIMITED', retryable: true, details: [{ field: 'minute' }] },
    ]);
    expect(denied.headers['retry-after']).toBe('60');
    expect(denied.headers.ratelimit).toBe('"minute";r=0;t=60, "day";r=1;t=54000');
    service.clock.advance(60_000);
    expect((await check(key)).status).toBe(200);
    const over = await check(key);
    expect(over.headers['retry-after']).toBe(String(54_000 - 60));
  });

  test('a cost that is more than the remaining quota is named in the denial, and nothing is taken', async () => {
    const { key } = await service.createKey(limited);
    const ask = (cost: number) => service.call('GET', `${KEYS}/check?cost=${cost}`, { as: key });
    await ask(1);
    const denied = await ask(2);
    expect(denied.body.data.error).toMatchObject({
      code: 'RATE_LIMITED',
      details: [{ field: 'minute', message: 'has 1 left, but the request costs 2' }],
    });
    expect((await ask(1)).status).toBe(200);
  });

  test('403 for permissions that the key does not hold, naming them; its quota is not used', async () => {
    const { key } = await service.createKey({ ...limited, permissions: ['calls:read'] });
    const ask = (query: string) => service.call('GET', `${KEYS}/check?${query}`, { as: key });
    const denied = await ask('permissions=calls:read,calls:delete,calls:write');
    expect([denied.status, denied.body.data.error.code]).toEqual([403, 'PERMISSION_DENIED']);
    const missing = denied.body.data.error.details.map(({ field }: { field: string }) => field);
    expect(missing).toEqual(['calls:delete', 'calls:write']);
    expect(denied.headers['www-authenticate']).toContain(
      'error="insufficient_scope", scope="calls:delete calls:write"',
    );
    const held = await ask('permissions=calls%3Aread&cost=2');
    expect([held.status, held.headers.ratelimit]).toEqual([200, '"minute";r=0;t=60, "day";r=1;t=54000']);
    expect((await ask('cost=0')).status).toBe(200);
    expect((await ask('cost=1')).body.data.error.code).toBe('RATE_LIMITED');
  });

  test.each([
    'permissions=calls:fly',
    'permissions=calls:read,',
    'permissions=',
    'permissions=calls:read&permissions=calls:write',
    'cost=-1',
    'cost=1.5',
    'cost=x',
  ])('400 for %s, and no quota is used', async (query) => {
    const { key } = await service.createKey({ ...limited, permissions: ['calls:read'] });
    const answer = await service.call('GET', `${KEYS}/check?${query}`, { as: key });
    expect([answer.status, answer.body.data.error.code]).toEqual([400, 'VALIDATION_FAILED']);
    expect((await check(key)).headers.ratelimit).toBe('"minute";r=1;t=60, "day";r=2;t=54000');
  });

  test('a key without limits has no RateLimit headers', async () => {
    const { key } = await service.createKey();
    const { headers } = await check(key);
    expect([headers.ratelimit, headers['ratelimit-policy']]).toEqual([undefined, undefined]);
  });

  test('other calls of the key do not use its quota', async () => {
    const { key } = await service.createKey(limited);
    for (let call = 0; call < 5; call++) await service.call('GET', '/api/v2/me', { as: key });
    expect((await check(key)).headers.ratelimit).toContain('"minute";r=1');
  });
});

describe('POST /api-keys/verify', () => {
  test('in a capped workspace returns the effective permissions, from the database and from the cache', async () => {
    const member = await service.addMember('Member');
    const { key } = await service.createKey({ userId: member, permissions: ['calls:read', 'calls:write'] });
    const viewer = await service.storage.roles.findByName(service.owner.workspaceId, 'Viewer');
    const as = service.owner.secret;
    const put = (path: string, body: object) =>
      service.call('PUT', `/api/v2/workspaces${path}`, { as, body });
    await put('', { permissionMode: 'capped' });
    const shown = async () => {
      const { apiKey } = await verdict({ key });
      const many = await service.call('POST', `${KEYS}/verify-many`, { as, body: { checks: [{ key }] } });
      return [apiKey.permissions, many.body.data.result.verdicts[0].apiKey.permissions];
    };
    const all = ['calls:read', 'calls:write'];
    expect(await shown()).toEqual([all, all]);
    await put(`/${service.owner.workspaceId}/members/${member}`, { roleId: viewer?.id });
    expect(await shown()).toEqual([['calls:read'], ['calls:read']]);
    const denied = await verdict({ key, permissions: ['calls:write'] });
    expect([denied.code, denied.apiKey.permissions]).toEqual(['PERMISSION_DENIED', ['calls:read']]);
    await put('', { permissionMode: 'frozen' });
    expect(await shown()).toEqual([all, all]);
  });

  test('VALID with the key, its limits and the remaining quota', async () => {
    const { apiKey, key } = await service.createKey(limited);
    expect(await verdict({ key })).toEqual({
      valid: true,
      code: 'VALID',
      apiKey: {
        ...apiKey,
        key: expect.stringContaining('…'),
        lastUsedAt: new Date(service.clock.now()).toISOString(),
      },
      rateLimit: { ...limited.rateLimit, remainingThisMinute: 1, remainingToday: 2, retryAfterSeconds: null },
    });
  });

  test('the answer never contains the secret', async () => {
    const { key } = await service.createKey();
    expect(JSON.stringify(await verdict({ key }))).not.toContain(key);
  });

  test('each denial has its code, and the key if the secret was correct', async () => {
    const disabled = await service.createKey();
    await service.call('PATCH', `${KEYS}/${disabled.apiKey.id}`, {
      as: service.owner.secret,
      body: { isActive: false },
    });
    const revoked = await service.createKey();
    await service.call('DELETE', `${KEYS}/${revoked.apiKey.id}`, { as: service.owner.secret });
    const expired = await service.createKey({ expiresAt: '2026-11-23T09:00:00.001Z' });
    service.clock.advance(1);
    for (const [{ apiKey, key }, code] of [
      [disabled, 'KEY_DISABLED'],
      [revoked, 'KEY_REVOKED'],
      [expired, 'KEY_EXPIRED'],
    ] as const) {
      expect(await verdict({ key })).toMatchObject({ valid: false, code, apiKey: { id: apiKey.id } });
    }
    for (const key of ['junk', `${expired.key.slice(0, -1)}!`, 'lk_live_'.padEnd(57, 'x')]) {
      expect(await verdict({ key })).toEqual({
        valid: false,
        code: 'KEY_INVALID',
        rateLimit: {
          requestsPerMinute: null,
          requestsPerDay: null,
          remainingThisMinute: null,
          remainingToday: null,
          retryAfterSeconds: null,
        },
      });
    }
  });

  test('a key of another workspace is KEY_INVALID, as if it did not exist', async () => {
    const neighbour = await service.addWorkspace();
    const { body } = await service.call('POST', KEYS, {
      as: neighbour.secret,
      body: { name: 'n', userId: neighbour.userId },
    });
    expect(await verdict({ key: body.data.result.key })).toMatchObject({ valid: false, code: 'KEY_INVALID' });
    expect(await verdict({ key: body.data.result.key })).not.toHaveProperty('apiKey');
    expect(await verdict({ key: body.data.result.key }, neighbour.secret)).toMatchObject({ valid: true });
  });

  test('PERMISSION_DENIED names the missing permissions and uses no quota', async () => {
    const { key } = await service.createKey({ ...limited, permissions: ['calls:read'] });
    const asked = { key, permissions: ['calls:read', 'calls:write', 'agents:read'] };
    for (let call = 0; call < 5; call++) {
      expect(await verdict(asked)).toMatchObject({
        code: 'PERMISSION_DENIED',
        missing: ['calls:write', 'agents:read'],
      });
    }
    expect(await verdict({ key, permissions: ['calls:read'] })).toMatchObject({
      valid: true,
      rateLimit: { remainingThisMinute: 1 },
    });
  });

  test('RATE_LIMITED has the time to wait, and a cost is charged completely or not at all', async () => {
    const { key } = await service.createKey({ rateLimit: { requestsPerMinute: 10 } });
    expect(await verdict({ key, cost: 7 })).toMatchObject({
      valid: true,
      rateLimit: { remainingThisMinute: 3 },
    });
    expect(await verdict({ key, cost: 4 })).toMatchObject({
      code: 'RATE_LIMITED',
      rateLimit: { retryAfterSeconds: 60, remainingThisMinute: 3 },
    });
    expect(await verdict({ key, cost: 3 })).toMatchObject({
      valid: true,
      rateLimit: { remainingThisMinute: 0 },
    });
    expect(await verdict({ key, cost: 0 })).toMatchObject({
      valid: true,
      rateLimit: { remainingThisMinute: 0 },
    });
  });

  test.each([
    [{ key: '' }, 'key'],
    [{ key: 'x', cost: -1 }, 'cost'],
    [{ key: 'x', permissions: ['calls:fly'] }, 'permissions[0]'],
    [{ key: 'x', ip: '300.1.1.1' }, 'ip'],
    [{}, 'key'],
  ])('400 for %j, naming the field', async (body, field) => {
    const answer = await service.call('POST', `${KEYS}/verify`, { as: service.owner.secret, body });
    expect([answer.status, answer.body.data.error.details[0].field]).toEqual([400, field]);
  });

  test('accepts the client address, IPv4 and IPv6', async () => {
    const { key } = await service.createKey();
    for (const ip of ['192.0.2.7', '2001:db8::7'])
      expect(await verdict({ key, ip })).toMatchObject({ valid: true });
  });
});

test.each([
  ['back', -3_600_000],
  ['forward', 3_600_000],
])('a key waits for at most a minute if the clock of the machine is set %s by an hour', async (_way, ms) => {
  const { key } = await service.createKey({ rateLimit: { requestsPerMinute: 2 } });
  for (let calls = 0; calls < 2; calls++) expect((await verdict({ key })).code).toBe('VALID');
  service.clock.adjust(ms);
  const { status, headers } = await check(key);
  expect([status, headers['retry-after']]).toEqual([429, '60']);
  service.clock.advance(59_999);
  expect((await verdict({ key })).code).toBe('RATE_LIMITED');
  service.clock.advance(1);
  expect((await verdict({ key })).code).toBe('VALID');
});

describe('POST /api-keys/verify-many', () => {
  const verifyMany = (checks: unknown) =>
    service.call('POST', `${KEYS}/verify-many`, { as: service.owner.secret, body: { checks } });

  test('answers the checks in order, with the same results as single verify calls', async () => {
    const { key } = await service.createKey(limited);
    const { body } = await verifyMany([
      { key },
      { key: 'junk' },
      { key },
      { key },
      { key, permissions: [], cost: 0 },
    ]);
    const codes = body.data.result.verdicts.map(({ code }: { code: string }) => code);
    expect(codes).toEqual(['VALID', 'KEY_INVALID', 'VALID', 'RATE_LIMITED', 'VALID']);
  });

  test('accepts 1 to 1000 checks', async () => {
    const checks = Array.from({ length: 1_001 }, () => ({ key: 'junk' }));
    expect((await verifyMany(checks.slice(1))).body.data.result.verdicts).toHaveLength(1_000);
    expect((await verifyMany(checks)).status).toBe(400);
    expect((await verifyMany([])).status).toBe(400);
  });
});
