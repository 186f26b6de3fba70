import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Answer, startTestService, type TestService } from '../../../test/harness/test-service.ts';

const KEYS = '/api/v2/api-keys';
const DAY_MS = 86_400_000;

let service: TestService;

beforeEach(async () => {
  service = await startTestService();
});
afterEach(() => service.close());

function rotate(id: string, body?: unknown, as = service.owner.secret, headers = {}): Promise<Answer> {
  return service.call('POST', `${KEYS}/${id}/rotate`, { as, headers, ...(body !== undefined && { body }) });
}

async function checks(secret: string): Promise<string> {
  const { body } = await service.call('GET', `${KEYS}/check`, { as: secret });
  return body.success ? 'VALID' : body.data.error.code;
}

async function rotated(id: string, body?: unknown): Promise<string> {
  const answer = await rotate(id, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body.data.result.key;
}

test('gives the key a new secret, shown once, and keeps all other fields', async () => {
  const { apiKey, key } = await service.createKey({ permissions: ['calls:read'], expiresAt: '2027-01-01' });
  const { status, body } = await rotate(apiKey.id);
  expect(status).toBe(200);
  expect(body.data.result.apiKey).toEqual({ ...apiKey, key: body.data.result.key });
  expect(body.data.result.key).not.toBe(key);
  const { body: found } = await service.call('GET', `${KEYS}/${apiKey.id}`, { as: service.owner.secret });
  expect(found.data.result.apiKey.key).toBe(`lk_live_…${body.data.result.key.slice(-4)}`);
});

test('the old secret works for a day by default, and ends to the millisecond', async () => {
  const { apiKey, key } = await service.createKey();
  const next = await rotated(apiKey.id);
  service.clock.advance(DAY_MS - 1);
  expect([await checks(key), await checks(next)]).toEqual(['VALID', 'VALID']);
  service.clock.advance(1);
  expect([await checks(key), await checks(next)]).toEqual(['KEY_REVOKED', 'VALID']);
});

test('an overlap of 0 ends the old secret at once', async () => {
  const { apiKey, key } = await service.createKey();
  const next = await rotated(apiKey.id, { overlapSeconds: 0 });
  expect([await checks(key), await checks(next)]).toEqual(['KEY_REVOKED', 'VALID']);
});

test('at most two secrets are valid: a second rotation ends the oldest', async () => {
  const { apiKey, key } = await service.createKey();
  const second = await rotated(apiKey.id);
  const third = await rotated(apiKey.id);
  expect([await checks(key), await checks(second), await checks(third)]).toEqual([
    'KEY_REVOKED',
    'VALID',
    'VALID',
  ]);
});

test('no secret outlives the key', async () => {
  const { apiKey, key } = await service.createKey({ expiresAt: '2026-11-23T10:00:00Z' });
  const next = await rotated(apiKey.id, { overlapSeconds: 604_800 });
  service.clock.set('2026-11-23T10:00:00Z');
  expect([await checks(key), await checks(next)]).toEqual(['KEY_EXPIRED', 'KEY_EXPIRED']);
});

test('both secrets share one quota', async () => {
  const { apiKey, key } = await service.createKey({ rateLimit: { requestsPerMinute: 2, requestsPerDay: 2 } });
  const next = await rotated(apiKey.id);
  expect([await checks(key), await checks(next), await checks(key), await checks(next)]).toEqual([
    'VALID',
    'VALID',
    'RATE_LIMITED',
    'RATE_LIMITED',
  ]);
});

test('revoking the key ends both secrets', async () => {
  const { apiKey, key } = await service.createKey();
  const next = await rotated(apiKey.id);
  await service.call('DELETE', `${KEYS}/${apiKey.id}`, { as: service.owner.secret });
  expect([await checks(key), await checks(next)]).toEqual(['KEY_REVOKED', 'KEY_REVOKED']);
});

test('403 for a weaker calling key, since the new secret would have more permissions', async () => {
  const { apiKey, key } = await service.createKey({ permissions: ['calls:read'] });
  const weak = await service.createKey({ permissions: ['api-keys:write'] });
  const short = await service.createKey({
    permissions: ['api-keys:write', 'calls:read'],
    expiresAt: '2027-01-01',
  });
  for (const [as, code] of [
    [weak.key, 'PERMISSION_ESCALATION'],
    [short.key, 'LIMIT_ESCALATION'],
  ] as const) {
    const answer = await rotate(apiKey.id, { overlapSeconds: 0 }, as);
    expect([answer.status, answer.body.data.error.code]).toEqual([403, code]);
  }
  expect(await checks(key)).toBe('VALID');
});

test('409 for a revoked and for an expired key', async () => {
  const revoked = await service.createKey();
  await service.call('DELETE', `${KEYS}/${revoked.apiKey.id}`, { as: service.owner.secret });
  const expired = await service.createKey({ expiresAt: '2026-11-23T09:00:00.001Z' });
  service.clock.advance(1);
  for (const { apiKey } of [revoked, expired]) {
    const { status, body } = await rotate(apiKey.id);
    expect([status, body.data.error.code]).toEqual([409, 'CONFLICT']);
  }
});

test.each([-1, 604_801, 1.5, '60', null])(
  '400 for an overlap of %j, and the secret stays',
  async (overlapSeconds) => {
    const { apiKey, key } = await service.createKey();
    expect((await rotate(apiKey.id, { overlapSeconds })).status).toBe(400);
    expect(await checks(key)).toBe('VALID');
  },
);

test('with an Idempotency-Key a repeated call rotates once and returns the same secret', async () => {
  const { apiKey, key } = await service.createKey();
  const once = { 'idempotency-key': 'rotate-1' };
  const first = await rotate(apiKey.id, {}, undefined, once);
  const again = await rotate(apiKey.id, {}, undefined, once);
  expect(again.body.data.result).toEqual(first.body.data.result);
  expect(again.headers['idempotency-replayed']).toBe('true');
  expect(await checks(key)).toBe('VALID');
  const other = await service.createKey();
  expect((await rotate(other.apiKey.id, {}, undefined, once)).status).toBe(422);
});

test('a key rotates itself', async () => {
  const { apiKey, key } = await service.createKey({
    permissions: ['api-keys:write'],
    expiresAt: '2027-01-01',
  });
  const answer = await rotate(apiKey.id, { overlapSeconds: 0 }, key);
  expect(answer.status).toBe(200);
  expect(await checks(answer.body.data.result.key)).toBe('VALID');
});
